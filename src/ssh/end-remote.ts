/** Ends what a run started on the host and says whether it is really gone. */
import type { Connection } from './connection.ts';
import { CANNOT_LOOK, endProcesses, GONE } from './end-processes.ts';
import { execute } from './execute.ts';
import { createMark } from './mark.ts';
import { watchStop } from './stop.ts';

/** Processes get a second and a half to end when asked, as much again when killed, and a busy host time to look. */
const DEADLINE_MS = 15_000;
const MAX_BYTES = 65_536;

export type Ending =
  | { readonly kind: 'gone' }
  | { readonly kind: 'left'; readonly why: string }
  /** The host opens no second session on this connection. */
  | { readonly kind: 'no-session' };

export async function endRemote(connection: Connection, mark: string, pid: number | undefined): Promise<Ending> {
  const request = {
    input: { kind: 'script', script: endProcesses(mark, pid) },
    deadlineMs: DEADLINE_MS,
    maxBytes: MAX_BYTES,
  } as const;
  using stop = watchStop(DEADLINE_MS, []);
  const slot = connection.endings.take();
  try {
    await Promise.race([slot.ready, stop.stopped]);
    const executed = await execute({ connection, mark: createMark(), request, stop, endRemote: async () => undefined });
    if (executed.kind === 'not-opened' && connection.lost() === undefined) return { kind: 'no-session' };
    return executed.kind === 'exited' ? outcome(executed.code) : left('the host did not answer');
  } finally {
    slot.release();
  }
}

function outcome(code: number): Ending {
  if (code === GONE) return { kind: 'gone' };
  return left(code === CANNOT_LOOK ? 'the host has no awk or /proc to look for them' : 'the host could not end them');
}

function left(why: string): Ending {
  return { kind: 'left', why: `processes of this run may live on: ${why}` };
}
