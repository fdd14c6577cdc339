/** Which people and user groups a decision turns on: whom to ask Slack about, and whom a card names. Pure. */
import type { Change } from '#domain/change.ts';
import {
  type Circle,
  gateRule,
  type Policy,
  type PolicyGate,
  type PolicyTarget,
  revertersOf,
  ruleFor,
  together,
} from './policy.ts';

export type Deed = 'propose' | 'approve' | 'revert';

const NOBODY: Circle = { users: [], userGroups: [] };

/**
 * The user groups that decide whether this person may. No others are asked about: one that is gone or does not answer
 * must not stop what does not need it. None where the policy names the person. `gate`: the one that is open.
 */
export function groupsNeeded(
  deed: Deed,
  policy: Policy,
  target: PolicyTarget,
  gate: PolicyGate,
  user: string,
): readonly string[] {
  const rule = ruleFor(policy, target);
  if (rule === undefined) return [];
  const { approve } = gateRule(rule, gate);
  const breakGlass = policy.breakGlass ?? NOBODY;
  switch (deed) {
    case 'propose':
      return groupsOf([rule.ask ?? NOBODY, breakGlass], user);
    case 'approve':
      return groupsOf(gate.first ? [approve] : [approve, breakGlass], user);
    case 'revert':
      return groupsOf([revertersOf(rule, gate) ?? NOBODY], user);
  }
}

export function adminGroupsNeeded({ admins }: Policy, user: string): readonly string[] {
  return groupsOf([admins ?? NOBODY], user);
}

/** Every user group that the policy names. */
export function userGroupsOf({ rules, breakGlass, admins }: Policy): readonly string[] {
  const ofRules = rules.flatMap(({ ask, approve, gates }) => [
    ask,
    approve,
    ...Object.values(gates).map((gate) => gate.approve),
  ]);
  return [...new Set([...ofRules, breakGlass, admins].flatMap((circle) => circle?.userGroups ?? []))];
}

function groupsOf(circles: readonly Circle[], user: string): readonly string[] {
  return [...new Set(circles.flatMap((circle) => (isNamed(circle, user) ? [] : circle.userGroups)))];
}

function isNamed({ users }: Circle, user: string): boolean {
  return users.includes(user);
}

type Decided = Pick<Change, 'requester' | 'breakGlass'>;

/**
 * Those who may approve the gate, without the requester; one of the groups may hold the requester all the same. What one
 * person began alone, those who may begin alone go on with as well.
 */
export function approversOf(
  policy: Policy,
  target: PolicyTarget,
  gate: PolicyGate,
  { requester, breakGlass }: Decided,
): Circle {
  const rule = ruleFor(policy, target);
  if (rule === undefined) return NOBODY;
  const { approve, outsideSlack } = gateRule(rule, gate);
  const alone = breakGlass && !gate.first && !outsideSlack ? (policy.breakGlass ?? NOBODY) : NOBODY;
  return together([{ ...approve, users: approve.users.filter((id) => id !== requester.id) }, alone]);
}
