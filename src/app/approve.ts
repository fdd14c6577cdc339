/** Somebody approves the gate that is open: to apply, to build, to keep. */
import { stopsAtFreeze } from '#change/allowed.ts';
import { boundOf, hashOf } from '#change/bound.ts';
import { type ChangeEvent, type Narrowed, narrow } from '#change/decide.ts';
import { taskKey } from '#change/due.ts';
import { openSpec } from '#change/kind.ts';
import { mayApprove, mayBreakGlass } from '#change/policy.ts';
import { isSigned } from '#change/signature.ts';
import { type Change, type ChangeId, trialOf } from '#domain/change.ts';
import { sameActor } from '#domain/check.ts';
import {
  type Decider,
  type DecideTools,
  type Decision,
  type DecisionRefusal,
  decisionOf,
  isFrozenNow,
  policyGate,
  refusal,
  targetOf,
} from './decide-ports.ts';
import { kindOf, transition } from './transition.ts';

export interface ApprovalGiven extends Decider {
  /** The hash of the text that the approver saw, or its beginning: at least 12 digits. */
  readonly seen: string;
  readonly narrowed?: Narrowed;
  /** Whether it was given for the gate of a trial. */
  readonly trial: boolean;
  /** Of the text that is approved: the narrowed one, where there is one. */
  readonly signature: string | null;
}

const LEAST_SEEN = 12;

/** Rejects with a StoreDown. */
export async function approve(id: ChangeId, given: ApprovalGiven, tools: DecideTools): Promise<Decision> {
  const change = await tools.changes.find(id);
  if (change === undefined) return refusal('unknown-change');
  const { actor, person, narrowed, signature, seen, trial } = given;
  const onTrial = trialOf(change) !== undefined;
  if (change.state.kind === 'waiting' && trial !== onTrial) return refusal(onTrial ? 'decided' : 'not-yet', change);
  const text = openText(change, tools);
  // What was decided already is the truer answer, also for somebody who may not decide.
  const why = text === undefined ? undefined : await whyNot(change, text, given, tools);
  if (why !== undefined) return refusal(why, change);
  const hash = text === undefined ? '' : hashOf(text);
  const event: ChangeEvent = {
    kind: 'approve',
    by: actor,
    hash: seen.length >= LEAST_SEEN && hash.startsWith(seen) ? hash : seen,
    signature,
    userGroups: person.userGroups,
    ...(narrowed && { narrowed }),
  };
  const moved = await transition(id, event, tools);
  if (moved.kind === 'moved' && moved.change.state.kind === 'queued')
    await tools.queue.add(id, 'advance', taskKey(moved.change));
  return decisionOf(moved);
}

/** What an approval of the open gate is bound to; undefined when none waits for one. */
export function openText(change: Change, { kinds }: Pick<DecideTools, 'kinds'>): string | undefined {
  const { state } = change;
  return state.kind === 'waiting' ? boundOf(kindOf(change, kinds), change, state.gate) : undefined;
}

/** The change as it is when so much of it is approved; undefined when that cannot be. */
export function lessOf(
  change: Change,
  narrowed: Narrowed | undefined,
  { kinds }: Pick<DecideTools, 'kinds'>,
): Change | undefined {
  return narrowed === undefined ? change : narrow(kindOf(change, kinds), change, narrowed);
}

async function whyNot(
  change: Change,
  text: string,
  { actor, person, signature, seen, narrowed }: ApprovalGiven,
  tools: DecideTools,
): Promise<DecisionRefusal | undefined> {
  const { policy, keys } = tools;
  const [target, gate] = [targetOf(change, tools), policyGate(change, tools.kinds)];
  const alone = change.breakGlass && !gate.first && mayBreakGlass(policy, target, gate, person).kind === 'allowed';
  const may = mayApprove(policy, target, gate, person);
  if (!alone && may.kind === 'refused') return may.why;
  // After break-glass too: only whom the policy names for it decides on what they asked for.
  if (!alone && change.breakGlass && sameActor(actor, change.requester)) return 'own-change';
  if (await isStopped(change, tools)) return 'frozen';
  // Of another text than this one it is no signature either, and that is not what is wrong.
  const isThis = hashOf(text).startsWith(seen);
  const less = lessOf(change, narrowed, tools);
  const approved = less && openText(less, tools);
  const bad = isThis && signature !== null && approved && !isSigned(approved, signature, keys.get(person.id) ?? '');
  return bad ? 'bad-signature' : undefined;
}

async function isStopped(change: Change, tools: DecideTools): Promise<boolean> {
  const spec = openSpec(kindOf(change, tools.kinds), change);
  if (spec === undefined || !stopsAtFreeze(spec, change)) return false;
  return isFrozenNow(change, tools);
}
