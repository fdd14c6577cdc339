/** Who may ask for which change, who may approve each of its gates, how many it takes. Pure; no rule means nobody. */
import type { Risk } from '#domain/plan.ts';

/** Slack user ids, and ids of Slack user groups. */
export interface Circle {
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
}

/** What a rule asks for at one gate; null = as at every gate (`gateRule`). */
export interface GateRule {
  readonly approve: Circle | null;
  readonly approvals: number | null;
  readonly outsideSlack: boolean | null;
  /** How long the gate stays open; of one that a trial waits for, the trial says it. */
  readonly expiresMinutes: number | null;
}

export interface PolicyRule {
  /** Groups of hosts it is for; `*` = all. */
  readonly groups: readonly string[];
  /** Kinds of changes it is for; null = all. */
  readonly kinds: readonly string[] | null;
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
  /** One host may be two of a change's hosts, such as the one that builds and the one that boots what was built. */
  readonly ownBuilder: boolean;
  /** By the gate's name. */
  readonly gates: Readonly<Record<string, GateRule>>;
}

/** `first`: nothing is done before it to the host that the change is for. */
export interface PolicyGate {
  readonly name: string;
  readonly first: boolean;
}

/** As the policy knows a gate of a kind. `trial`: the host is on trial while it is open, which says how long. */
export interface KindGate extends PolicyGate {
  readonly trial: boolean;
}

export type GateNeeds = Pick<PolicyRule, 'approve' | 'approvals' | 'outsideSlack'>;

/** A kind of changes, and its gates. */
export interface KindGates {
  readonly name: string;
  readonly gates: readonly KindGate[];
}

export interface FreezeWindow {
  readonly groups: readonly string[];
  readonly from: Date;
  readonly to: Date;
  readonly why: string;
}

export interface Policy {
  /** The first that fits the host, the risk and the kind counts, and no other. */
  readonly rules: readonly PolicyRule[];
  /** May apply a change alone, in an emergency; null = nobody. */
  readonly breakGlass: Circle | null;
  /** May freeze, thaw and unlock; null = nobody. */
  readonly admins: Circle | null;
  readonly freezes: readonly FreezeWindow[];
}

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
  readonly kind: string;
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

export function ruleFor({ rules }: Policy, { groups, risk, kind }: PolicyTarget): PolicyRule | undefined {
  return rules.find((rule) => rule.risks.includes(risk) && isForKind(rule, kind) && concerns(rule.groups, groups));
}

function isForKind({ kinds }: PolicyRule, kind: string): boolean {
  return kinds === null || kinds.includes(kind);
}

/** What the rule asks for at this gate. What it leaves open there holds as for the change, except that one approval is enough later. */
export function gateRule(rule: PolicyRule, { name, first }: PolicyGate): GateNeeds {
  const own = ownRule(rule, name);
  return {
    approve: own?.approve ?? rule.approve,
    approvals: Math.max(1, own?.approvals ?? (first ? rule.approvals : 1)),
    outsideSlack: own?.outsideSlack ?? rule.outsideSlack,
  };
}

/** What a gate asks for that opens during a change: its work may end at night. */
const LATER_MINUTES = 12 * 60;

/** How long the gate stays open. */
export function gateMinutes(rule: PolicyRule, { name, first }: PolicyGate): number {
  return ownRule(rule, name)?.expiresMinutes ?? (first ? rule.expiresMinutes : LATER_MINUTES);
}

function ownRule({ gates }: PolicyRule, name: string): GateRule | undefined {
  return Object.hasOwn(gates, name) ? gates[name] : undefined;
}

export function mayAsk(policy: Policy, target: PolicyTarget, person: Somebody): PolicyAnswer {
  return answer(policy, target, ({ ask }) => (ask === null ? 'in' : standing(ask, person)), 'not-asker');
}

export function mayApprove(policy: Policy, target: PolicyTarget, gate: PolicyGate, person: Somebody): PolicyAnswer {
  return answer(policy, target, (rule) => standing(gateRule(rule, gate).approve, person), 'not-approver');
}

/** Ends a trial early, or work that is under way: it only restores. */
export function mayRevert(policy: Policy, target: PolicyTarget, gate: PolicyGate, person: Somebody): PolicyAnswer {
  const stands = (circle: Circle | null): Standing => (circle === null ? 'in' : standing(circle, person));
  return answer(policy, target, (rule) => stands(revertersOf(rule, gate)), 'not-asker');
}

/** Those who may ask, and those who may approve the change or the gate; null = every member of the workspace. */
export function revertersOf(rule: PolicyRule, gate: PolicyGate): Circle | null {
  return rule.ask === null ? null : together([rule.ask, rule.approve, gateRule(rule, gate).approve]);
}

export function together(circles: readonly Circle[]): Circle {
  return {
    users: [...new Set(circles.flatMap(({ users }) => users))],
    userGroups: [...new Set(circles.flatMap(({ userGroups }) => userGroups))],
  };
}

/**
 * There must be a rule all the same: it says how long the trial is. Where it wants signatures from outside Slack, a press in
 * Slack is none, and nothing could be applied.
 */
export function mayBreakGlass(policy: Policy, target: PolicyTarget, gate: PolicyGate, person: Somebody): PolicyAnswer {
  const { breakGlass } = policy;
  const may = answer(policy, target, () => standing(breakGlass, person), 'not-breaker');
  const outside = may.kind === 'allowed' && gateRule(may.rule, gate).outsideSlack;
  return outside ? { kind: 'refused', why: 'break-glass-outside' } : may;
}

/** The rules under which nobody can begin every kind of change alone, though the policy names people who may. */
export function rulesWithoutBreakGlass(
  { rules, breakGlass }: Policy,
  kinds: readonly KindGates[],
): readonly PolicyRule[] {
  if (breakGlass === null) return [];
  return rules.filter((rule) =>
    kinds.some(
      ({ name, gates }) =>
        isForKind(rule, name) && gates.some((gate) => gate.first && gateRule(rule, gate).outsideSlack),
    ),
  );
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
