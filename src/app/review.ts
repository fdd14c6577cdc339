/** What one person did alone, another one looks at: the button for it, and the reminder while nobody has. */
import { mayApprove } from '#change/policy.ts';
import type { ChangeId } from '#domain/change.ts';
import {
  type Decider,
  type DecideTools,
  type Decision,
  decisionOf,
  firstGate,
  refusal,
  targetOf,
} from './decide-ports.ts';
import { type TransitionTools, transition } from './transition.ts';

const MOST_REMINDERS = 3;
const NEXT_REMINDER_MS = 24 * 3_600_000;
export const FIRST_REMINDER_MS = 3_600_000;

/** Rejects with a StoreDown, as the other does. */
export async function review(id: ChangeId, { actor, person }: Decider, tools: DecideTools): Promise<Decision> {
  const change = await tools.changes.find(id);
  if (change === undefined) return refusal('unknown-change');
  const may = mayApprove(tools.policy, targetOf(change, tools), firstGate(change), person);
  if (may.kind === 'refused') return refusal(may.why, change);
  return decisionOf(await transition(id, { kind: 'review', by: actor }, tools));
}

/** After an hour, and then daily, a few times. */
export async function remindOfReview(id: ChangeId, tools: TransitionTools & Pick<DecideTools, 'queue'>): Promise<void> {
  const moved = await transition(id, { kind: 'remind' }, tools);
  if (moved.kind !== 'moved') return;
  const reminders = moved.change.review?.reminders ?? 0;
  if (reminders < MOST_REMINDERS) await tools.queue.add(id, 'remind', String(reminders + 1), NEXT_REMINDER_MS);
}
