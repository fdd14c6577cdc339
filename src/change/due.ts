/** What is due of a change at a moment: every time limit of the machinery is here. Pure. */
import { type Change, isLive } from '#domain/change.ts';

/** A worker that begins takes seconds; one that was killed leaves the change like this. */
const WORKING_MS = 75_000;
/** The host goes back by itself; then it is asked. */
const AFTER_TRIAL_MS = 2_000;
const WISHED_MS = 70_000;
/** Nothing has begun: a task that its worker took to the grave is given to the next one. */
const TAKEN_MS = 30_000;
const ASK_EVERY_MS = 15_000;
/** A host that has said nothing for long is asked less often. */
const STALE_MS = 10 * 60_000;
const ASK_STALE_EVERY_MS = 5 * 60_000;
/** What may be asked again at once, as after a lost task, however many want it. */
const AGAIN_MS = 5_000;

export type Due = { readonly kind: 'expire' } | { readonly kind: 'advance'; readonly key: string } | null;

/** `key`: the same for everybody who finds it due in this moment, so that it is done once. */
export function dueOf(change: Change, now: Date): Due {
  const { state, gates } = change;
  if (state.kind === 'ended') return null;
  const until = gates[state.gate]?.expiresAt;
  const expires = (state.kind === 'waiting' || state.kind === 'queued') && state.reverts === null;
  if (expires && until != null && now >= until) return { kind: 'expire' };
  if (!isLive(change)) return null;
  const every = isStale(change, now) ? ASK_STALE_EVERY_MS : ASK_EVERY_MS;
  if (isOverdue(change, now.getTime())) return { kind: 'advance', key: `due-${Math.floor(now.getTime() / every)}` };
  // Its task may never have reached the queue.
  const decided = state.kind === 'queued' || (state.kind === 'waiting' && state.wish !== null);
  return decided ? { kind: 'advance', key: taskKey(change) } : null;
}

/** The outcome has been unknown for so long that it is no matter of a broken connection. */
export function isStale({ state }: Pick<Change, 'state'>, now: Date): boolean {
  return state.kind === 'unclear' && now.getTime() > state.at.getTime() + STALE_MS;
}

/** A worker is on it, and has had its time; before that, asking the host could cross with the order that is on its way. */
export function isOverdue({ state }: Pick<Change, 'state'>, now: number): boolean {
  switch (state.kind) {
    case 'queued':
      return now >= state.at.getTime() + TAKEN_MS;
    case 'working':
      return now > state.at.getTime() + (state.running ? ASK_EVERY_MS : WORKING_MS);
    case 'waiting':
      return (
        (state.reverts !== null && now > state.reverts.getTime() + AFTER_TRIAL_MS) ||
        (state.wish !== null && now > state.wish.at.getTime() + WISHED_MS)
      );
    case 'unclear':
      return true;
    case 'ended':
      return false;
  }
}

/** Of a task that asks the host again in a moment: one that is away for hours is not asked ever more often. */
export function askAgain(now: Date): { readonly key: string; readonly delayMs: number } {
  return { key: `again-${Math.floor(now.getTime() / AGAIN_MS)}`, delayMs: AGAIN_MS };
}

/** Of the task that carries out what somebody has just decided. */
export function taskKey({ revision }: Pick<Change, 'revision'>): string {
  return `at-${revision}`;
}
