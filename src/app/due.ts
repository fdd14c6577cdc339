/** What is due of a check or a card that nobody looks after any more; of a change, src/change/due.ts says it. Pure. */
import type { Card } from '#domain/card.ts';
import type { Check } from '#domain/check.ts';
import type { Urgency } from './card-ports.ts';
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

/** How far a check or a change is. */
export interface Progress {
  readonly revision: number;
  /** What there is to show of work under way, which moves on at the same revision; '' = nothing. */
  readonly progress: string;
  readonly isOver: boolean;
}

/** What is due of a card that may not show all there is: of one whose subject is over, also what the thread was not told. */
export function cardDue(card: Pick<Card, 'shown' | 'progress'>, is: Progress | undefined): Urgency | 'nothing' {
  // A change's card is written before the change; a newer tcp-oncall may know the subject.
  if (is === undefined) return 'nothing';
  if (is.isOver) return 'now';
  return is.revision > card.shown || is.progress !== card.progress ? 'soon' : 'nothing';
}
