/** Somebody approves, denies or withdraws a proposal, or ends a trial: the policy is asked, then the change moves. */
import { type ChangeEvent, type ChangeRefusal, type Narrowed, sameActor } from '#change/decide.ts';
import { mayApprove, mayBreakGlass, mayRevert, type Policy, type PolicyAnswer, type Somebody } from '#change/policy.ts';
import { isSigned } from '#change/signature.ts';
import { isFrozen } from '#change/still-allowed.ts';
import { APPLY, KEEP, SYSCTL } from '#change/sysctl-gates.ts';
import type { Change, ChangeId, Wanted } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import type { AnnounceChange, ChangeQueue, Changes, Freezes } from './change-ports.ts';
import { type Transitioned, transitionChange } from './transition-change.ts';

export interface DecideTools {
  readonly changes: Changes;
  readonly freezes: Freezes;
  readonly queue: ChangeQueue;
  readonly announce: AnnounceChange;
  readonly policy: Policy;
  /** Public keys of approvers, by Slack user id. */
  readonly keys: ReadonlyMap<string, string>;
  /** Groups of a host, as the inventory has them now. */
  readonly groupsOf: (host: string) => readonly string[];
  readonly now: () => Date;
}

export interface Decider {
  readonly actor: Actor;
  readonly person: Somebody;
}

export type DecisionRefusal =
  | ChangeRefusal
  | Extract<PolicyAnswer, { kind: 'refused' }>['why']
  | 'host-locked'
  | 'frozen'
  | 'bad-signature'
  | 'not-yours'
  | 'unknown-change';

export type Decision =
  | { readonly kind: 'done'; readonly change: Change }
  | { readonly kind: 'refused'; readonly why: DecisionRefusal; readonly change: Change | null };

export interface ApprovalGiven extends Decider {
  /** The beginning of the plan's hash that the approver saw, at least 12 digits. */
  readonly seen: string;
  readonly narrowed?: Narrowed;
  readonly signature: string | null;
}

/** Rejects with a StoreDown, as all of these do. */
export async function approveChange(id: ChangeId, given: ApprovalGiven, tools: DecideTools): Promise<Decision> {
  const change = await tools.changes.find(id);
  if (change === undefined) return { kind: 'refused', why: 'unknown-change', change: null };
  const { actor, person, narrowed, signature, seen } = given;
  const target = { groups: tools.groupsOf(change.host), risk: change.plan.risk, kind: SYSCTL };
  const may = mayApprove(tools.policy, target, APPLY, person);
  // What was decided already is the truer answer, also for somebody who may not decide.
  if (may.kind === 'refused' && change.state.kind === 'proposed') return { kind: 'refused', why: may.why, change };
  const frozen = (await tools.freezes.list()).map(({ group }) => group);
  if (
    change.state.kind === 'proposed' &&
    isFrozen({ policy: tools.policy, groups: target.groups, frozen, now: tools.now() })
  )
    return { kind: 'refused', why: 'frozen', change };
  if (signature !== null && !isSigned(id, change.hash, signature, tools.keys.get(person.id) ?? ''))
    return { kind: 'refused', why: 'bad-signature', change };
  const hash = seen.length >= 12 && change.hash.startsWith(seen) ? change.hash : seen;
  const event: ChangeEvent = {
    kind: 'approve',
    by: actor,
    hash,
    signature,
    userGroups: person.userGroups,
    ...(narrowed && { narrowed }),
  };
  const moved = await transitionChange(id, event, tools);
  if (moved.kind === 'moved') {
    if (moved.change.state.kind === 'approved') await tools.queue.add(id, 'apply', 'once');
    await tools.announce(id);
  }
  return decisionOf(moved);
}

export async function denyChange(
  id: ChangeId,
  { actor, person }: Decider,
  reason: string,
  tools: DecideTools,
): Promise<Decision> {
  const change = await tools.changes.find(id);
  if (change === undefined) return { kind: 'refused', why: 'unknown-change', change: null };
  const target = { groups: tools.groupsOf(change.host), risk: change.plan.risk, kind: SYSCTL };
  const may = mayApprove(tools.policy, target, APPLY, person);
  if (may.kind === 'refused' && change.state.kind === 'proposed') return { kind: 'refused', why: may.why, change };
  return move(id, { kind: 'deny', by: actor, reason: reason.trim().slice(0, 500) }, tools);
}

export async function withdrawChange(id: ChangeId, { actor }: Decider, tools: DecideTools): Promise<Decision> {
  const change = await tools.changes.find(id);
  if (change === undefined) return { kind: 'refused', why: 'unknown-change', change: null };
  if (change.state.kind === 'proposed' && !sameActor(change.requester, actor))
    return { kind: 'refused', why: 'not-yours', change };
  return move(id, { kind: 'withdraw', by: actor }, tools);
}

/** Whoever may ask may go back; to keep or to prolong is for those who may approve, and not for the one who asked. */
export async function endTrial(
  id: ChangeId,
  what: Wanted['what'],
  decider: Decider,
  tools: DecideTools,
): Promise<Decision> {
  const change = await tools.changes.find(id);
  if (change === undefined) return { kind: 'refused', why: 'unknown-change', change: null };
  const why = whyNotToEnd(change, what, decider, tools);
  if (why !== undefined && !isSettled(change)) return { kind: 'refused', why, change };
  const moved = await move(id, { kind: 'want', what, by: decider.actor }, tools);
  if (moved.kind === 'done') await tools.queue.add(id, 'end', `${what}-${moved.change.revision}`);
  return moved;
}

function isSettled({ state: { kind } }: Change): boolean {
  return kind !== 'on-trial' && kind !== 'kept';
}

function whyNotToEnd(
  { host, plan, requester, breakGlass, approvals }: Change,
  what: Wanted['what'],
  { actor, person }: Decider,
  { policy, groupsOf }: DecideTools,
): DecisionRefusal | undefined {
  const target = { groups: groupsOf(host), risk: plan.risk, kind: SYSCTL };
  if (what === 'revert') {
    const may = mayRevert(policy, target, KEEP, person);
    return may.kind === 'allowed' || approvals.some(({ by }) => sameActor(by, actor)) ? undefined : may.why;
  }
  if (breakGlass && mayBreakGlass(policy, target, KEEP, person).kind === 'allowed') return undefined;
  if (sameActor(requester, actor)) return 'own-change';
  const approves = mayApprove(policy, target, KEEP, person);
  return approves.kind === 'allowed' ? undefined : approves.why;
}

async function move(id: ChangeId, event: ChangeEvent, tools: DecideTools): Promise<Decision> {
  const moved = await transitionChange(id, event, tools);
  if (moved.kind === 'moved') await tools.announce(id);
  return decisionOf(moved);
}

export function decisionOf(moved: Transitioned): Decision {
  if (moved.kind === 'unknown') return { kind: 'refused', why: 'unknown-change', change: null };
  return moved.kind === 'moved' ? { kind: 'done', change: moved.change } : moved;
}
