/** What the acts of people work with, and how Slack tells the person what came of one. */
import type { Acknowledged, EnvelopeType } from './acknowledged.ts';
import type { Payload } from './payloads.ts';
import type { ShortLived } from './short-lived.ts';
import type { Acted } from './snapshot.ts';
import type { Workspace } from './workspace.ts';

export interface Stage {
  readonly workspace: Workspace;
  readonly shortLived: ShortLived;
  readonly base: () => string;
  /** Delivers once, or as often as the faults say; events again when nobody acknowledged. */
  readonly deliver: (type: EnvelopeType, payload: Payload) => Promise<Acknowledged>;
}

export function failed(error: string): Acted {
  return { ok: false, ackMs: null, error };
}

export function fromAck(ack: Acknowledged): Acted {
  if (ack.kind === 'acknowledged') return { ok: true, ackMs: ack.ms, error: null };
  return failed(ack.kind === 'too-late' ? 'operation_timeout' : 'dispatch_failed');
}
