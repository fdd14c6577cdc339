/** Who may ask for which change, who may approve it, how many it takes. Pure; no rule means nobody. */
import type { Risk } from '#domain/plan.ts';

/** Slack user ids, and ids of Slack user groups. */
export interface Circle {
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
}

export interface PolicyRule {
  /** Groups of hosts it is for; `*` = all. */
  readonly groups: readonly string[];
  readonly risks: readonly Risk[];
  /** Null = every member of the workspace. */
  readonly ask: Circle | null;
  readonly approve: Circle;
  /** Different people, the one who asks not among them. */
  readonly approvals: number;
  readonly expiresMinutes: number;
  readonly reasonRequired: boolean;
  /** How long a trial lasts unless said otherwise, and at most. */
  readonly revertMinutes: number;
  readonly longestRevertMinutes: number;
  /** Approvals count only when given outside Slack, with the approver's own key. */
  readonly outsideSlack: boolean;
}

export interface FreezeWindow {
  readonly groups: readonly string[];
  readonly from: Date;
  readonly to: Date;
  readonly why: string;
}

export interface Policy {
  /** The first that fits the host and the risk counts, and no other. */
  readonly rules: readonly PolicyRule[];
  /** May apply a change alone, in an emergency; null = nobody. */
  readonly breakGlass: Circle | null;
  /** May freeze, thaw and unlock; null = nobody. */
  readonly admins: Circle | null;
  readonly freezes: readonly FreezeWindow[];
}

export const NO_POLICY: Policy = { rules: [], breakGlass: null, admins: null, freezes: [] };

/** A member of our workspace, with the user groups of Slack they are in. Nobody else gets as far as a policy. */
export interface Somebody {
  readonly id: string;
  readonly userGroups: readonly string[];
}

export interface PolicyTarget {
  /** Of the host. */
  readonly groups: readonly string[];
  readonly risk: Risk;
}

export const POLICY_REFUSALS = ['no-rule', 'not-asker', 'not-approver', 'not-breaker'] as const;

export type PolicyAnswer =
  | { readonly kind: 'allowed'; readonly rule: PolicyRule }
  | { readonly kind: 'refused'; readonly why: (typeof POLICY_REFUSALS)[number] };

export function ruleFor({ rules }: Policy, { groups, risk }: PolicyTarget): PolicyRule | undefined {
  return rules.find((rule) => rule.risks.includes(risk) && concerns(rule.groups, groups));
}

export function mayAsk(policy: Policy, target: PolicyTarget, person: Somebody): PolicyAnswer {
  return answer(policy, target, ({ ask }) => ask === null || isIn(ask, person), 'not-asker');
}

export function mayApprove(policy: Policy, target: PolicyTarget, person: Somebody): PolicyAnswer {
  return answer(policy, target, ({ approve }) => isIn(approve, person), 'not-approver');
}

/** There must be a rule all the same: it says how long the trial is. */
export function mayBreakGlass(policy: Policy, target: PolicyTarget, person: Somebody): PolicyAnswer {
  const { breakGlass } = policy;
  return answer(policy, target, () => breakGlass !== null && isIn(breakGlass, person), 'not-breaker');
}

function answer(
  policy: Policy,
  target: PolicyTarget,
  allows: (rule: PolicyRule) => boolean,
  why: Exclude<(typeof POLICY_REFUSALS)[number], 'no-rule'>,
): PolicyAnswer {
  const rule = ruleFor(policy, target);
  if (rule === undefined) return { kind: 'refused', why: 'no-rule' };
  return allows(rule) ? { kind: 'allowed', rule } : { kind: 'refused', why };
}

export function isAdmin({ admins }: Policy, person: Somebody): boolean {
  return admins !== null && isIn(admins, person);
}

/** The window that keeps changes from these hosts now; undefined = none does. */
export function freezeNow({ freezes }: Policy, groups: readonly string[], now: Date): FreezeWindow | undefined {
  return freezes.find((freeze) => concerns(freeze.groups, groups) && freeze.from <= now && now < freeze.to);
}

function concerns(wanted: readonly string[], groups: readonly string[]): boolean {
  return wanted.includes('*') || groups.some((group) => wanted.includes(group));
}

function isIn({ users, userGroups }: Circle, person: Somebody): boolean {
  return users.includes(person.id) || person.userGroups.some((group) => userGroups.includes(group));
}
