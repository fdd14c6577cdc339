/** What everybody brings who decides on a change, and what they hear. */
import { isFrozen } from '#change/allowed.ts';
import { boundOf, hashOf } from '#change/bound.ts';
import type { ChangeRefusal } from '#change/decide.ts';
import { gateSpec, type Kinds } from '#change/kind.ts';
import type { Policy, PolicyAnswer, PolicyGate, PolicyTarget, Somebody } from '#change/policy.ts';
import type { Change } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import type { ChangeQueue, Freezes } from './change-ports.ts';
import { kindOf, type Transitioned, type TransitionTools } from './transition.ts';

export interface DecideTools extends TransitionTools {
  readonly freezes: Freezes;
  readonly queue: ChangeQueue;
  readonly policy: Policy;
  /** Public keys of approvers, by Slack user id. */
  readonly keys: ReadonlyMap<string, string>;
  /** Groups of a host, as the inventory has them now. */
  readonly groupsOf: (host: string) => readonly string[];
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
  | 'too-long'
  | 'unknown-change';

export type Decision =
  | { readonly kind: 'done'; readonly change: Change }
  | { readonly kind: 'refused'; readonly why: DecisionRefusal; readonly change: Change | null };

export function refusal(why: DecisionRefusal, change: Change | null = null): Decision {
  return { kind: 'refused', why, change };
}

export function decisionOf(moved: Transitioned): Decision {
  if (moved.kind === 'unknown') return refusal('unknown-change');
  return moved.kind === 'moved' ? { kind: 'done', change: moved.change } : refusal(moved.why, moved.change);
}

export function targetOf(
  { kind, host, plan }: Pick<Change, 'kind' | 'host' | 'plan'>,
  { groupsOf }: Pick<DecideTools, 'groupsOf'>,
): PolicyTarget {
  return { kind, groups: groupsOf(host), risk: plan.risk };
}

/** The gate that is open, as the policy speaks of it; the first one when nothing is. */
export function policyGate(change: Change, kinds: Kinds): PolicyGate {
  const { state, gates } = change;
  const index = state.kind === 'ended' ? 0 : state.gate;
  const { name = '' } = gates[index] ?? {};
  return { name, first: gateSpec(kindOf(change, kinds), change, index)?.first ?? index === 0 };
}

export function firstGate({ gates }: Pick<Change, 'gates'>): PolicyGate {
  return { name: gates[0]?.name ?? '', first: true };
}

/** What a surface shows with a change, and a press on it brings back: of the open gate, or of the first one when none is. */
export function shownHash(change: Change, kinds: Kinds): string {
  const { state } = change;
  const gate = state.kind === 'ended' ? 0 : state.gate;
  return hashOf(boundOf(kindOf(change, kinds), change, gate) ?? change.id);
}

export async function isFrozenNow(
  { host }: Pick<Change, 'host'>,
  { policy, groupsOf, freezes, now }: Pick<DecideTools, 'policy' | 'groupsOf' | 'freezes' | 'now'>,
): Promise<boolean> {
  const frozen = (await freezes.list()).map(({ group }) => group);
  return isFrozen({ policy, groups: groupsOf(host), frozen, now: now() });
}
