/** What is due of a check or a change that nobody looks after any more. Pure. */
import type { Card } from '#domain/card.ts';
import { type Change, isLive } from '#domain/change.ts';
import type { Check } from '#domain/check.ts';
import type { Urgency } from './card-ports.ts';
import type { ChangeTask } from './change-ports.ts';
import type { CheckQueue, EndState } from './check-ports.ts';

/** A worker ends its check itself at the deadline; this is for those that could not. */
const GRACE_MS = 5_000;
/** Time to get from the store into the queue. */
const QUEUED_WITHIN_MS = 5_000;

type Lost = Extract<EndState, { kind: 'lost' }>['why'];

export type CheckDue = { readonly kind: 'end'; readonly why: Lost } | { readonly kind: 'queue' | 'nothing' };

export function checkDue(check: Check, standing: Awaited<ReturnType<CheckQueue['standing']>>, now: Date): CheckDue {
  const why = whyLost(check, standing, now.getTime());
  if (why !== undefined) return { kind: 'end', why };
  // Who asked died between the store and the queue.
  const overdue = now.getTime() > check.askedAt.getTime() + QUEUED_WITHIN_MS;
  return { kind: standing === 'absent' && overdue ? 'queue' : 'nothing' };
}

/** Undefined while somebody may still end it. */
function whyLost(check: Check, standing: Awaited<ReturnType<CheckQueue['standing']>>, now: number): Lost | undefined {
  if (standing === 'ended' || (standing === 'absent' && check.attempt > 0)) return 'worker-gone';
  if (now < check.deadline.getTime() + GRACE_MS) return undefined;
  if (check.attempt === 0) return 'no-worker';
  return standing === 'running' ? 'deadline' : 'worker-gone';
}

/** A worker that applies takes seconds; one that was killed leaves the change like this. */
const APPLYING_MS = 75_000;
/** The host goes back by itself; then it is asked. */
const AFTER_TRIAL_MS = 2_000;
const WANTED_MS = 70_000;
/** Nothing has begun: a task that its worker took to the grave is given to the next one. */
const TAKEN_MS = 30_000;
const ASK_EVERY_MS = 15_000;
/** A host that has said nothing for long is asked less often. */
const STALE_MS = 10 * 60_000;
const ASK_STALE_EVERY_MS = 5 * 60_000;

export type ChangeDue =
  | { readonly kind: 'expire' | 'nothing' }
  | { readonly kind: 'queue'; readonly task: ChangeTask; readonly key: string };

export function changeDue(change: Change, now: Date): ChangeDue {
  const { state } = change;
  if ((state.kind === 'proposed' || state.kind === 'approved') && now >= change.expiresAt) return { kind: 'expire' };
  const every = isStale(change, now) ? ASK_STALE_EVERY_MS : ASK_EVERY_MS;
  const bucket = String(Math.floor(now.getTime() / every));
  // Who approved it died before it was in the queue, or who took it from there. It begins once, however often it is added.
  if (state.kind === 'approved')
    return { kind: 'queue', task: 'apply', key: now.getTime() < state.at.getTime() + TAKEN_MS ? 'once' : bucket };
  if (isLive(change) && needsAsking(change, now.getTime())) return { kind: 'queue', task: 'settle', key: bucket };
  return { kind: 'nothing' };
}

/** Its outcome has been unknown for so long that it is no matter of a broken connection. */
export function isStale({ state }: Change, now: Date): boolean {
  return state.kind === 'outcome-unknown' && now.getTime() > state.at.getTime() + STALE_MS;
}

function needsAsking({ state }: Change, now: number): boolean {
  switch (state.kind) {
    case 'applying':
      return now > state.at.getTime() + APPLYING_MS;
    case 'on-trial':
      return (
        now > state.until.getTime() + AFTER_TRIAL_MS ||
        (state.wanted !== null && now > state.wanted.at.getTime() + WANTED_MS)
      );
    case 'kept':
      return state.wanted !== null && now > state.wanted.at.getTime() + WANTED_MS;
    case 'outcome-unknown':
      return true;
    default:
      return false;
  }
}

/** How far a check or a change is. */
export interface Progress {
  readonly revision: number;
  readonly isOver: boolean;
}

/** What is due of a card that may not show all there is: of one whose subject is over, also what the thread was not told. */
export function cardDue({ shown }: Pick<Card, 'shown'>, progress: Progress | undefined): Urgency | 'nothing' {
  // A change's card is written before the change; a newer tcp-oncall may know the subject.
  if (progress === undefined) return 'nothing';
  if (progress.isOver) return 'now';
  return progress.revision > shown ? 'soon' : 'nothing';
}
