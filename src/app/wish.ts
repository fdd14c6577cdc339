/** Somebody wants something of work under way: the old values back, ten minutes more, or its end. A worker carries it out. */
import type { ChangeEvent } from '#change/decide.ts';
import { taskKey } from '#change/due.ts';
import { EXTENDED_MINUTES } from '#change/kind.ts';
import { mayApprove, mayBreakGlass, mayRevert, ruleFor } from '#change/policy.ts';
import { type Change, type ChangeId, trialOf, type Wish } from '#domain/change.ts';
import { sameActor } from '#domain/check.ts';
import {
  type Decider,
  type DecideTools,
  type Decision,
  type DecisionRefusal,
  decisionOf,
  isFrozenNow,
  policyGate,
  refusal,
  targetOf,
} from './decide-ports.ts';
import { transition } from './transition.ts';

/** Rejects with a StoreDown. */
export async function wish(id: ChangeId, what: Wish['what'], decider: Decider, tools: DecideTools): Promise<Decision> {
  const change = await tools.changes.find(id);
  if (change === undefined) return refusal('unknown-change');
  const open = trialOf(change) !== undefined || change.state.kind === 'working';
  const why = open ? await whyNot(change, what, decider, tools) : undefined;
  if (why !== undefined) return refusal(why, change);
  const until = what === 'extend' ? trialOf(change)?.reverts : null;
  const event: ChangeEvent = { kind: 'wish', what, by: decider.actor, ...(until && { until }) };
  const moved = await transition(id, event, tools);
  if (moved.kind === 'moved') await tools.queue.add(id, 'advance', taskKey(moved.change));
  return decisionOf(moved);
}

/** To go back only restores, so all may who may ask or approve; to prolong is for those who may keep, and within the rule's limit. */
async function whyNot(
  change: Change,
  what: Wish['what'],
  { actor, person }: Decider,
  tools: DecideTools,
): Promise<DecisionRefusal | undefined> {
  const { policy } = tools;
  const [target, gate] = [targetOf(change, tools), policyGate(change, tools.kinds)];
  if (what !== 'extend') {
    const wasApprover = change.gates.some(({ approvals }) => approvals.some(({ by }) => sameActor(by, actor)));
    const may = mayRevert(policy, target, gate, person);
    return wasApprover || may.kind === 'allowed' ? undefined : may.why;
  }
  const alone = change.breakGlass && mayBreakGlass(policy, target, gate, person).kind === 'allowed';
  const may = mayApprove(policy, target, gate, person);
  if (!alone && sameActor(change.requester, actor)) return 'own-change';
  if (!alone && may.kind === 'refused') return may.why;
  if (!change.breakGlass && (await isFrozenNow(change, tools))) return 'frozen';
  return isTooLong(change, ruleFor(policy, target)?.longestRevertMinutes ?? 0) ? 'too-long' : undefined;
}

/** A host counts in whole seconds: what it says is left may be short by almost one, and must not count as a minute less. */
const HOST_COUNTS_MS = 1000;

/**
 * The whole trial, from the approval that began it: what has happened since does not count anew. In whole minutes, as the
 * rule is: the seconds until a worker and the host were at it would cost the last ten minutes.
 */
function isTooLong(change: Change, longestMinutes: number): boolean {
  const trial = trialOf(change);
  if (trial?.reverts == null) return false;
  const began = change.gates[trial.gate - 1]?.approvals.at(-1)?.at ?? trial.at;
  const minutes = Math.floor((trial.reverts.getTime() + HOST_COUNTS_MS - began.getTime()) / 60_000);
  return minutes + EXTENDED_MINUTES > longestMinutes;
}
