/** Asked once more by whoever applies a change, of the policy as it is now: a button may have been pressed long ago, or never. Pure. */
import type { Change, OrderedFreeze } from '#domain/change.ts';
import { sameActor } from './decide.ts';
import { planHash } from './plan-hash.ts';
import { freezeNow, gateRule, mayApprove, mayBreakGlass, type Policy, ruleFor } from './policy.ts';
import { isSigned } from './signature.ts';
import { APPLY, SYSCTL } from './sysctl-gates.ts';

export interface Circumstances {
  readonly policy: Policy;
  /** Of the host, as the inventory has them now. */
  readonly groups: readonly string[];
  /** Groups of hosts that somebody has frozen. */
  readonly frozen: readonly string[];
  /** Public keys of approvers, by Slack user id. */
  readonly keys: ReadonlyMap<string, string>;
  readonly now: Date;
}

/** Undefined when it may be applied; else a code that the words have a sentence for. */
export function whyNotAllowed(change: Change, around: Circumstances): string | undefined {
  const { policy, groups, keys, now } = around;
  const target = { groups, risk: change.plan.risk, kind: SYSCTL };
  const rule = ruleFor(policy, target);
  if (rule === undefined) return 'no-rule';
  const needs = gateRule(rule, APPLY);
  if (planHash(change.plan, change.revertMinutes) !== change.hash) return 'hash';
  if (now >= change.expiresAt) return 'expired';
  if (isFrozen(around) && !change.breakGlass) return 'frozen';
  if (change.revertMinutes > rule.longestRevertMinutes) return 'too-long';
  const valid = change.approvals.filter(({ by, hash, userGroups, signature }) => {
    const person = { id: by.id, userGroups };
    const may = (change.breakGlass ? mayBreakGlass : mayApprove)(policy, target, APPLY, person);
    if (hash !== change.hash || may.kind !== 'allowed') return false;
    if (!change.breakGlass && sameActor(by, change.requester)) return false;
    return signature === null ? !needs.outsideSlack : isSigned(change.id, hash, signature, keys.get(by.id) ?? '');
  });
  const people = new Set(valid.map(({ by }) => by.id)).size;
  return people >= (change.breakGlass ? 1 : needs.approvals) ? undefined : 'not-approved';
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
