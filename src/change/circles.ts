/** Which people and user groups a decision turns on: whom to ask Slack about, and whom a card names. Pure. */
import type { Change } from '#domain/change.ts';
import { type Circle, type Policy, type PolicyTarget, ruleFor } from './policy.ts';

export type Deed = 'propose' | 'approve' | 'keep' | 'revert';

const NOBODY: Circle = { users: [], userGroups: [] };

/**
 * The user groups that decide whether this person may. No others are asked about: one that is gone or does not answer
 * must not stop what does not need it. None where the policy names the person.
 */
export function groupsNeeded(deed: Deed, policy: Policy, target: PolicyTarget, user: string): readonly string[] {
  const rule = ruleFor(policy, target);
  if (rule === undefined) return [];
  const breakGlass = policy.breakGlass ?? NOBODY;
  switch (deed) {
    case 'propose':
      return groupsOf([rule.ask ?? NOBODY, breakGlass], user);
    case 'approve':
      return groupsOf([rule.approve], user);
    case 'keep':
      return groupsOf([rule.approve, breakGlass], user);
    case 'revert':
      // Either is enough.
      return rule.ask === null || isNamed(rule.ask, user) || isNamed(rule.approve, user)
        ? []
        : groupsOf([rule.ask, rule.approve], user);
  }
}

export function adminGroupsNeeded({ admins }: Policy, user: string): readonly string[] {
  return groupsOf([admins ?? NOBODY], user);
}

function groupsOf(circles: readonly Circle[], user: string): readonly string[] {
  return [...new Set(circles.flatMap((circle) => (isNamed(circle, user) ? [] : circle.userGroups)))];
}

function isNamed({ users }: Circle, user: string): boolean {
  return users.includes(user);
}

type Decided = Pick<Change, 'requester' | 'breakGlass'>;

/** Without the requester, who never approves; one of the groups may hold the requester all the same. */
export function approversOf(policy: Policy, target: PolicyTarget, { requester }: Decided): Circle {
  const { users, userGroups } = ruleFor(policy, target)?.approve ?? NOBODY;
  return { users: users.filter((id) => id !== requester.id), userGroups };
}

/** Those who may approve; what one person applied alone, those who may apply alone as well. */
export function keepersOf(policy: Policy, target: PolicyTarget, change: Decided): Circle {
  const approvers = approversOf(policy, target, change);
  const alone = change.breakGlass && !ruleFor(policy, target)?.outsideSlack ? (policy.breakGlass ?? NOBODY) : NOBODY;
  return {
    users: [...new Set([...approvers.users, ...alone.users])],
    userGroups: [...new Set([...approvers.userGroups, ...alone.userGroups])],
  };
}
