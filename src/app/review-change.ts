/** What one person did alone, another one looks at: the button for it, and the reminder while nobody has. */
import { mayApprove } from '#change/policy.ts';
import { APPLY, SYSCTL } from '#change/sysctl-gates.ts';
import type { ChangeId } from '#domain/change.ts';
import type { AnnounceChange, ChangeQueue, Changes } from './change-ports.ts';
import { type Decider, type DecideTools, type Decision, decisionOf } from './decide-change.ts';
import { transitionChange } from './transition-change.ts';

const MOST_REMINDERS = 3;
const NEXT_REMINDER_MS = 24 * 3_600_000;

/** Rejects with a StoreDown, as the other does. */
export async function reviewChange(id: ChangeId, { actor, person }: Decider, tools: DecideTools): Promise<Decision> {
  const change = await tools.changes.find(id);
  if (change === undefined) return { kind: 'refused', why: 'unknown-change', change: null };
  const target = { groups: tools.groupsOf(change.host), risk: change.plan.risk, kind: SYSCTL };
  const may = mayApprove(tools.policy, target, APPLY, person);
  if (may.kind === 'refused') return { kind: 'refused', why: may.why, change };
  const moved = await transitionChange(id, { kind: 'review', by: actor }, tools);
  if (moved.kind === 'moved') await tools.announce(id);
  return decisionOf(moved);
}

export interface RemindTools {
  readonly changes: Changes;
  readonly queue: ChangeQueue;
  readonly announce: AnnounceChange;
  readonly now: () => Date;
}

/** After an hour, and then daily, a few times. */
export async function remindOfReview(id: ChangeId, tools: RemindTools): Promise<void> {
  const moved = await transitionChange(id, { kind: 'remind' }, tools);
  if (moved.kind !== 'moved') return;
  await tools.announce(id);
  const reminders = moved.change.review?.reminders ?? 0;
  if (reminders < MOST_REMINDERS) await tools.queue.add(id, 'remind', String(reminders + 1), NEXT_REMINDER_MS);
}
