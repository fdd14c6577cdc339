/** Asked by the worker before it does the work behind a gate, of the policy as it is now: a button may have been pressed long ago, or never. Pure. */
import type { Approval, Change, Gate, OrderedFreeze } from '#domain/change.ts';
import { sameActor } from '#domain/check.ts';
import { boundOf, hashOf } from './bound.ts';
import { type AnyKind, type GateSpec, gateSpec } from './kind.ts';
import { freezeNow, gateRule, mayApprove, mayBreakGlass, type Policy, type PolicyTarget, ruleFor } from './policy.ts';
import { isSigned } from './signature.ts';

export interface Circumstances {
  readonly policy: Policy;
  /** Of the change's host, as the inventory has them now. */
  readonly groups: readonly string[];
  /** Groups of hosts that somebody has frozen. */
  readonly frozen: readonly string[];
  /** Public keys of approvers, by Slack user id. */
  readonly keys: ReadonlyMap<string, string>;
  readonly now: Date;
}

/** Undefined when the work behind this gate may begin; else a code that the words have a sentence for. */
export function whyNotAllowed(kind: AnyKind, change: Change, index: number, around: Circumstances): string | undefined {
  const { policy, groups, now } = around;
  const [gate, spec] = [change.gates[index], gateSpec(kind, change, index)];
  const risk = kind.riskOf(change.plan);
  // Of a plan that its catalogue doesn't know, or knows with another risk, nothing that was shown is true.
  if (gate === undefined || spec === undefined || risk === undefined || risk !== change.plan.risk)
    return 'no-such-plan';
  // The rule is that of the plan's host and of the gate's name: neither may be another one's.
  if (gate.name !== spec.name || gate.host !== kind.hostOf(change.plan, spec.role)) return 'no-such-plan';
  const target: PolicyTarget = { kind: kind.name, groups, risk };
  const rule = ruleFor(policy, target);
  if (rule === undefined) return 'no-rule';
  const text = textOf(kind, change, index);
  if (text === undefined || gate.hostKey === null) return 'no-host-key';
  if (stopsAtFreeze(spec, change) && !change.breakGlass && isFrozen(around)) return 'frozen';
  if (change.revertMinutes > rule.longestRevertMinutes) return 'too-long';
  const needs = gateRule(rule, { name: gate.name, first: index === 0 });
  const valid = validApprovals(change, gate, index, text, target, around);
  const people = new Set(valid.map(({ by }) => by.id)).size;
  if (people < (change.breakGlass ? 1 : needs.approvals)) return 'not-approved';
  // Last, since it is asked again when the work has begun, and that it is late then does not matter.
  return gate.expiresAt === null || now >= gate.expiresAt ? 'expired' : undefined;
}

/** A change from Redis may hold what no bound text can. */
function textOf(kind: AnyKind, change: Change, index: number): string | undefined {
  try {
    return boundOf(kind, change, index);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function validApprovals(
  change: Change,
  gate: Gate,
  index: number,
  text: string,
  target: PolicyTarget,
  { policy, keys }: Circumstances,
): readonly Approval[] {
  const ref = { name: gate.name, first: index === 0 };
  const rule = ruleFor(policy, target);
  const outside = rule !== undefined && gateRule(rule, ref).outsideSlack;
  const hash = hashOf(text);
  return gate.approvals.filter(({ by, hash: given, userGroups, signature }) => {
    const person = { id: by.id, userGroups };
    const alone = change.breakGlass && mayBreakGlass(policy, target, ref, person).kind === 'allowed';
    if (given !== hash || (!alone && mayApprove(policy, target, ref, person).kind !== 'allowed')) return false;
    if (!change.breakGlass && sameActor(by, change.requester)) return false;
    return signature === null ? !outside : isSigned(text, signature, keys.get(by.id) ?? '');
  });
}

/** A freeze stops what changes a host: not the gate that keeps a trial, and no way back. */
export function stopsAtFreeze({ trial }: GateSpec, { reverts }: Pick<Change, 'reverts'>): boolean {
  return !trial && reverts === null;
}

export function isFrozen({ policy, groups, frozen, now }: Omit<Circumstances, 'keys'>): boolean {
  return freezeNow(policy, groups, now) !== undefined || frozen.some((group) => covers(group, groups));
}

/** Those that a host of these groups is in. */
export function freezesOf(groups: readonly string[], ordered: readonly OrderedFreeze[]): readonly OrderedFreeze[] {
  return ordered.filter(({ group }) => covers(group, groups));
}

function covers(frozen: string, groups: readonly string[]): boolean {
  return frozen === '*' || groups.includes(frozen);
}
