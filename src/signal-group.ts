/** Processes that we started in a group of their own: one started `detached`, with all that it started and that is still there. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether there is one; 0 only asks. */
export function signalGroup(leader: number | undefined, signal: NodeJS.Signals | 0): boolean {
  // It could not be started. And -1 would be everybody.
  if (leader === undefined || leader <= 1) return false;
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}

const LOOKS_AGAIN_MS = 2;

/** Resolves when none is left, or after `withinMs`. Nobody is told of the end of what is not a child. */
export async function groupGone(leader: number | undefined, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (signalGroup(leader, 0) && performance.now() < deadline) await sleep(LOOKS_AGAIN_MS);
}
