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
  /** User groups that Slack could not be asked about: whether this person is in one is not known. */
  readonly notChecked?: readonly string[];
}

export interface PolicyTarget {
  /** Of the host. */
  readonly groups: readonly string[];
  readonly risk: Risk;
}

export const POLICY_REFUSALS = [
  'no-rule',
  'not-asker',
  'not-approver',
  'not-breaker',
  'not-checked',
  'break-glass-outside',
] as const;

export type PolicyAnswer =
  | { readonly kind: 'allowed'; readonly rule: PolicyRule }
  | { readonly kind: 'refused'; readonly why: (typeof POLICY_REFUSALS)[number] };

export function ruleFor({ rules }: Policy, { groups, risk }: PolicyTarget): PolicyRule | undefined {
  return rules.find((rule) => rule.risks.includes(risk) && concerns(rule.groups, groups));
}

export function mayAsk(policy: Policy, target: PolicyTarget, person: Somebody): PolicyAnswer {
  return answer(policy, target, ({ ask }) => (ask === null ? 'in' : standing(ask, person)), 'not-asker');
}

export function mayApprove(policy: Policy, target: PolicyTarget, person: Somebody): PolicyAnswer {
  return answer(policy, target, ({ approve }) => standing(approve, person), 'not-approver');
}

/**
 * There must be a rule all the same: it says how long the trial is. Where it wants signatures from outside Slack, a press in
 * Slack is none, and nothing could be applied.
 */
export function mayBreakGlass(policy: Policy, target: PolicyTarget, person: Somebody): PolicyAnswer {
  const { breakGlass } = policy;
  const may = answer(policy, target, () => standing(breakGlass, person), 'not-breaker');
  const outside = may.kind === 'allowed' && may.rule.outsideSlack;
  return outside ? { kind: 'refused', why: 'break-glass-outside' } : may;
}

/** The rules under which nobody can apply a change alone, though the policy names people who may. */
export function rulesWithoutBreakGlass({ rules, breakGlass }: Policy): readonly PolicyRule[] {
  return breakGlass === null ? [] : rules.filter(({ outsideSlack }) => outsideSlack);
}

/** Not checked: in none that is known, and Slack could not be asked about another. */
export type Standing = 'in' | 'out' | 'not-checked';

function answer(
  policy: Policy,
  target: PolicyTarget,
  stands: (rule: PolicyRule) => Standing,
  why: 'not-asker' | 'not-approver' | 'not-breaker',
): PolicyAnswer {
  const rule = ruleFor(policy, target);
  if (rule === undefined) return { kind: 'refused', why: 'no-rule' };
  const stand = stands(rule);
  return stand === 'in' ? { kind: 'allowed', rule } : { kind: 'refused', why: stand === 'out' ? why : stand };
}

export function standsAsAdmin({ admins }: Policy, person: Somebody): Standing {
  return standing(admins, person);
}

/** The window that keeps changes from these hosts now; undefined = none does. */
export function freezeNow({ freezes }: Policy, groups: readonly string[], now: Date): FreezeWindow | undefined {
  return freezes.find((freeze) => concerns(freeze.groups, groups) && freeze.from <= now && now < freeze.to);
}

function concerns(wanted: readonly string[], groups: readonly string[]): boolean {
  return wanted.includes('*') || groups.some((group) => wanted.includes(group));
}

/** Null = nobody. */
function standing(circle: Circle | null, { id, userGroups, notChecked = [] }: Somebody): Standing {
  if (circle === null) return 'out';
  if (circle.users.includes(id) || circle.userGroups.some((group) => userGroups.includes(group))) return 'in';
  return circle.userGroups.some((group) => notChecked.includes(group)) ? 'not-checked' : 'out';
}
