/** Asked by the worker before it does the work behind a gate, of the policy as it is now: a button may have been pressed long ago, or never. Pure. */
import type { Approval, Change, Gate, OrderedFreeze } from '#domain/change.ts';
import { boundOf, hashOf } from './bound.ts';
import { type AnyKind, type GateSpec, gatesOf, isOwnBuilder } from './kind.ts';
import {
  freezeNow,
  type GateNeeds,
  gateRule,
  mayApprove,
  mayBreakGlass,
  type Policy,
  type PolicyGate,
  type PolicyTarget,
  ruleFor,
} from './policy.ts';
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

/** Undefined when the work behind this gate may begin; else a code that the words have a sentence for. `expired`: all the rest holds. */
export function whyNotAllowed(kind: AnyKind, change: Change, index: number, around: Circumstances): string | undefined {
  const { policy, groups, now } = around;
  const [gate, spec] = [change.gates[index], gatesOf(kind, change)[index]];
  const risk = kind.riskOf(change.plan);
  // Of a plan that its catalogue doesn't know, or knows with another risk, nothing that was shown is true.
  if (gate === undefined || spec === undefined || risk === undefined || risk !== change.plan.risk)
    return 'no-such-plan';
  if (!hasItsGates(kind, change)) return 'no-such-plan';
  const target: PolicyTarget = { kind: kind.name, groups, risk };
  const rule = ruleFor(policy, target);
  if (rule === undefined) return 'no-rule';
  const text = textOf(kind, change, index);
  if (text === undefined || gate.hostKey === null) return 'no-host-key';
  const ref = { name: gate.name, first: spec.first };
  const approved = approvedBy(change, gate, text, { target, ref, needs: gateRule(rule, ref) }, around);
  if (stopsAtFreeze(spec, change) && !approved.alone && isFrozen(around)) return 'frozen';
  if (change.revertMinutes > rule.longestRevertMinutes) return 'too-long';
  if (!approved.alone && !approved.enough) return 'not-approved';
  if (isOwnBuilder(kind, change) && !rule.ownBuilder) return 'own-builder';
  // Last, since it is asked again when the work has begun, and that it is late then does not matter.
  const until = gate.expiresAt === null ? null : gate.expiresAt.getTime() + spec.patience * 60_000;
  return until === null || now.getTime() >= until ? 'expired' : undefined;
}

/** The rule is that of the plan's host and of the gate's name: neither may be another one's, and none may be missing. */
function hasItsGates(kind: AnyKind, change: Change): boolean {
  const specs = gatesOf(kind, change);
  const isRight = ({ name, host }: Gate, at: number) =>
    name === specs[at]?.name && host === kind.hostOf(change.plan, specs[at].role);
  return change.gates.length === specs.length && change.gates.every(isRight);
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

interface Approved {
  /** By one whom the policy lets begin such a change alone. */
  readonly alone: boolean;
  /** By as many others as the rule asks for. */
  readonly enough: boolean;
}

/** A person is one person whatever surface a record names. A signature says who, but not in which user groups they are. */
function approvedBy(
  { breakGlass, requester }: Change,
  gate: Gate,
  text: string,
  { target, ref, needs }: { readonly target: PolicyTarget; readonly ref: PolicyGate; readonly needs: GateNeeds },
  { policy, keys }: Circumstances,
): Approved {
  const hash = hashOf(text);
  const isGiven = ({ by, at, hash: given, signature }: Approval) =>
    given === hash &&
    gate.expiresAt !== null &&
    at < gate.expiresAt &&
    (signature === null ? !needs.outsideSlack : isSigned(text, signature, keys.get(by.id) ?? ''));
  const people = gate.approvals
    .filter(isGiven)
    .map(({ by: { id }, userGroups, signature }) => ({ id, userGroups: signature === null ? userGroups : [] }));
  const others = people.filter(
    (person) => person.id !== requester.id && mayApprove(policy, target, ref, person).kind === 'allowed',
  );
  return {
    alone: breakGlass && people.some((person) => mayBreakGlass(policy, target, ref, person).kind === 'allowed'),
    enough: new Set(others.map(({ id }) => id)).size >= needs.approvals,
  };
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
