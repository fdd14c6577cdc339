/** What is due of a change at a moment: every time limit of the machinery is here. Pure. */
import { type Change, isPending } from '#domain/change.ts';
import { type AnyKind, waitsUntil } from './kind.ts';

/** A worker that begins takes seconds; one that was killed leaves the change like this. */
const WORKING_MS = 75_000;
/** The host goes back by itself; then it is asked. */
const AFTER_TRIAL_MS = 2_000;
const WISHED_MS = 70_000;
/** Nothing has begun: a task that its worker took to the grave is given to the next one. */
const TAKEN_MS = 30_000;
const ASK_EVERY_MS = 15_000;
/** Of work that the host is at: people watch it. */
const ASK_RUNNING_MS = 5_000;
/** The reconciler's round is no shorter, so that each of its rounds asks. */
const RUNNING_ROUND_MS = 2_500;
/** A host that has said nothing for long is asked less often. */
const STALE_MS = 10 * 60_000;
const ASK_STALE_EVERY_MS = 5 * 60_000;
/** What may be asked again at once, as after a lost task, however many want it. */
const AGAIN_MS = 5_000;

/** People decide within minutes as well as within half a day: they are reminded when a quarter is left, and at most so long before. */
const REMIND_SHARE = 0.25;
const REMIND_MS = 3_600_000;

export type Due =
  | { readonly kind: 'expire' }
  /** `tell`: there is something to be said of it that is no transition. */
  | { readonly kind: 'advance' | 'tell'; readonly key: string }
  | null;

/** `key`: the same for everybody who finds it due in this moment, so that it is done once. */
export function dueOf(kind: AnyKind, change: Change, now: Date): Due {
  const { state, gates } = change;
  if (state.kind === 'ended') return null;
  const until = state.kind === 'queued' ? waitsUntil(kind, change) : gates[state.gate]?.expiresAt;
  if (isPending(change) && until != null && now >= until) return { kind: 'expire' };
  if (isOverdue(change, now.getTime())) return { kind: 'advance', key: `due-${roundOf(change, now)}` };
  // Its task may never have reached the queue.
  const decided = state.kind === 'queued' || (state.kind === 'waiting' && state.wish !== null);
  if (decided) return { kind: 'advance', key: taskKey(change) };
  return isNearExpiry(change, now) ? { kind: 'tell', key: `expiry-${state.gate}` } : null;
}

function roundOf(change: Change, now: Date): number {
  const { state } = change;
  const isRunning = state.kind === 'working' && state.running;
  const every = isStale(change, now) ? ASK_STALE_EVERY_MS : isRunning ? RUNNING_ROUND_MS : ASK_EVERY_MS;
  return Math.floor(now.getTime() / every);
}

/** The open gate expires soon, and nobody has decided. */
export function isNearExpiry({ state, gates, expiresMinutes }: Change, now: Date): boolean {
  if (state.kind !== 'waiting' || state.reverts !== null) return false;
  const gate = gates[state.gate];
  if (gate?.expiresAt == null) return false;
  const whole = (gate.expiresMinutes ?? expiresMinutes) * 60_000;
  return gate.expiresAt.getTime() - now.getTime() <= Math.min(whole * REMIND_SHARE, REMIND_MS);
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
      return now > state.at.getTime() + (state.running ? ASK_RUNNING_MS : WORKING_MS);
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
