/** The audit entry of a transition: what happened, to what, by whom. Pure. */
import { type Change, stageOf } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import type { AuditEntry } from './audit.ts';
import { boundOf, hashOf } from './bound.ts';
import type { ChangeEvent } from './decide.ts';
import type { AnyKind } from './kind.ts';

export function entryOf(kind: AnyKind, before: Change, after: Change, event: ChangeEvent, now: Date): AuditEntry {
  const { kind: name, ...details } = event;
  const gate = before.state.kind === 'ended' ? null : before.state.gate;
  const text = gate === null ? undefined : boundOf(kind, after, gate);
  return {
    at: now.toISOString(),
    change: after.id,
    host: after.host,
    event: name,
    from: stageOf(before),
    to: stageOf(after),
    actor: actorOf(event),
    hash: text === undefined ? null : hashOf(text),
    details: { ...details, ...(name === 'approve' && { bound: text }) },
  };
}

export function proposalEntry(kind: AnyKind, change: Change, now: Date): AuditEntry {
  const { id, host, requester, reason, breakGlass, run } = change;
  const text = boundOf(kind, change, 0);
  return {
    at: now.toISOString(),
    change: id,
    host,
    event: 'propose',
    from: null,
    to: stageOf(change),
    actor: requester,
    hash: text === undefined ? null : hashOf(text),
    details: { kind: kind.name, title: kind.title(change.plan), reason, breakGlass, run, bound: text },
  };
}

function actorOf(event: ChangeEvent): Actor | null {
  if (event.kind === 'supersede') return event.asker;
  return 'by' in event && typeof event.by === 'object' ? event.by : null;
}
