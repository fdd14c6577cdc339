/** Whether the work behind a gate may begin, by the policy, the freezes and the inventory of this moment. */
import { type Circumstances, whyNotAllowed } from '#change/allowed.ts';
import { type Change, gateOf, isKept } from '#domain/change.ts';
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';
import type { AdvanceTools } from './advance-ports.ts';
import { kindOf } from './transition.ts';

export async function findGateHost(
  change: Change,
  { findHost }: Pick<AdvanceTools, 'findHost'>,
): Promise<Host | CheckFailure> {
  return findHost(gateOf(change)?.host ?? change.host);
}

/** A code that the words have a sentence for; undefined when it may begin. `host`: that of the open gate. */
export async function whyNotBegin(change: Change, host: Host, tools: AdvanceTools): Promise<string | undefined> {
  const { policy, keys, freezes, kinds, now } = tools;
  const { state } = change;
  if (state.kind === 'ended') return 'over';
  const frozen = (await freezes.list()).map(({ group }) => group);
  const groups = host.name === change.host ? host.groups : await groupsOf(change.host, tools);
  const around: Circumstances = { policy, keys, groups, frozen, now: now() };
  const why = whyNotAllowed(kindOf(change, kinds), change, state.gate, around);
  if (why !== undefined && why !== 'expired') return why;
  return (await isShownWayBack(change, tools)) ? why : 'no-such-plan';
}

/** The host takes back what its own journal says of the kept change: people must have been shown that one's steps. */
async function isShownWayBack(change: Change, { changes, kinds }: AdvanceTools): Promise<boolean> {
  if (change.reverts === null) return true;
  const [kind, kept] = [kindOf(change, kinds), await changes.find(change.reverts)];
  const plan = kept?.kind === change.kind && isKept(kept) ? kind.reverse(kept.plan) : undefined;
  return plan !== undefined && plan.host === change.host && sameLines(kind.bound(plan), kind.bound(change.plan));
}

function sameLines(one: readonly (readonly string[])[], other: readonly (readonly string[])[]): boolean {
  return one.map((words) => words.join('\t')).join('\n') === other.map((words) => words.join('\t')).join('\n');
}

/** The rule goes by the host that the change is for, also where another one works. */
async function groupsOf(name: string, { findHost }: AdvanceTools): Promise<readonly string[]> {
  const host = await findHost(name);
  return 'kind' in host ? [] : host.groups;
}
