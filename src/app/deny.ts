/** Somebody who may approve the open gate denies it, or the one who asked withdraws. Before anything is on trial: then it is Revert. */
import { mayApprove } from '#change/policy.ts';
import { type ChangeId, isPending, LONGEST_REASON } from '#domain/change.ts';
import { sameActor } from '#domain/check.ts';
import {
  type Decider,
  type DecideTools,
  type Decision,
  decisionOf,
  policyGate,
  refusal,
  targetOf,
} from './decide-ports.ts';
import { transition } from './transition.ts';

/** Rejects with a StoreDown, as withdraw does. */
export async function deny(id: ChangeId, decider: Decider, reason: string, tools: DecideTools): Promise<Decision> {
  const change = await tools.changes.find(id);
  if (change === undefined) return refusal('unknown-change');
  const may = mayApprove(tools.policy, targetOf(change, tools), policyGate(change, tools.kinds), decider.person);
  if (may.kind === 'refused' && isPending(change)) return refusal(may.why, change);
  const event = { kind: 'deny', by: decider.actor, reason: reason.trim().slice(0, LONGEST_REASON) } as const;
  return decisionOf(await transition(id, event, tools));
}

export async function withdraw(id: ChangeId, { actor }: Decider, tools: DecideTools): Promise<Decision> {
  const change = await tools.changes.find(id);
  if (change === undefined) return refusal('unknown-change');
  if (isPending(change) && !sameActor(change.requester, actor)) return refusal('not-yours', change);
  return decisionOf(await transition(id, { kind: 'withdraw', by: actor }, tools));
}
