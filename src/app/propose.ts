/** Somebody asks for a change: a plan becomes a proposal, if the policy lets this person ask. */
import { stopsAtFreeze } from '#change/allowed.ts';
import { boundOf, canBindPlan, hashOf } from '#change/bound.ts';
import { taskKey } from '#change/due.ts';
import { proposalEntry } from '#change/entry.ts';
import { type AnyKind, gatesOf, isOwnBuilder } from '#change/kind.ts';
import {
  gateMinutes,
  gateRule,
  mayAsk,
  mayBreakGlass,
  type PolicyAnswer,
  type PolicyRule,
  type Somebody,
} from '#change/policy.ts';
import type { Card } from '#domain/card.ts';
import {
  type AnyPlan,
  type Change,
  type ChangeId,
  type Gate,
  hostNeeded,
  isProposal,
  LONGEST_REASON,
} from '#domain/change.ts';
import type { Actor, CheckId } from '#domain/check.ts';
import type { Unready } from '#domain/helper-state.ts';
import type { Cards } from './card-ports.ts';
import type { Changes } from './change-ports.ts';
import { type DecideTools, isFrozenNow } from './decide-ports.ts';
import { newId } from './new-id.ts';
import { FIRST_REMINDER_MS } from './review.ts';
import { transition } from './transition.ts';

/** Who asks, and how. */
export interface Asking {
  /** Names the request: the same one is the same change. */
  readonly key: string;
  readonly requester: Actor;
  readonly person: Somebody;
  /** Null = what the policy says. */
  readonly revertMinutes: number | null;
  readonly reason: string;
  /** Do it at once, alone. */
  readonly breakGlass: boolean;
  /** Signs what is done alone, for a host that verifies signatures itself. */
  readonly sign?: ((text: string) => string) | undefined;
  /** Where it is shown; null = nowhere in Slack. */
  readonly card: Pick<Card, 'place' | 'language'> | null;
}

/** What is asked for. */
export interface Wanted {
  readonly kind: AnyKind;
  readonly plan: AnyPlan;
  readonly run: CheckId;
  /** The hosts that work, by their role, and the keys they answered with. */
  readonly hosts: Readonly<Record<string, Pick<Gate, 'host' | 'hostKey'>>>;
  readonly reverts: ChangeId | null;
  /** Why the host would not take it. */
  readonly unready: Unready | null;
}

export interface ProposeTools extends Omit<DecideTools, 'keys'> {
  readonly cards: Cards;
}

/** Each is one sentence for the person who asked. */
export type ProposalRefusal =
  | 'unknown-report'
  | 'unknown-change'
  | 'no-plan'
  | 'old-evidence'
  | Extract<PolicyAnswer, { kind: 'refused' }>['why']
  | 'frozen'
  | 'reason-required'
  | 'bad-minutes'
  | 'own-builder'
  | 'host-busy'
  | 'host-locked'
  | 'not-kept'
  | Unready['why'];

export type Proposed =
  | { readonly kind: 'proposed' | 'repeated'; readonly change: Change }
  | {
      readonly kind: 'refused';
      readonly why: ProposalRefusal;
      /** What the words of the refusal name. */
      readonly details?: Readonly<Record<string, string>>;
    };

const MOST_CHANGES = 20;

/** Rejects with a StoreDown. */
export async function propose(wanted: Wanted, asking: Asking, tools: ProposeTools): Promise<Proposed> {
  const rule = await permission(wanted, asking, tools);
  if (typeof rule === 'string') return { kind: 'refused', why: rule };
  const { unready } = wanted;
  if (unready !== null)
    return { kind: 'refused', why: unready.why, details: { has: unready.has, needs: unready.needs } };
  const change = newChange(wanted, asking, rule, tools.now());
  const { changes, cards, queue, announce } = tools;
  const { id } = change;
  if (asking.card !== null)
    await cards.add({ id, subject: { kind: 'change', id }, ...asking.card, askedBy: asking.requester.id });
  const entry = proposalEntry(wanted.kind, change, change.proposedAt);
  if ((await changes.propose(change, entry)) === 'repeated')
    return { kind: 'repeated', change: (await changes.find(change.id)) ?? change };
  await supersedeOlder(change, tools);
  if (change.state.kind === 'queued') await queue.add(change.id, 'advance', taskKey(change));
  if (change.review !== null) await queue.add(change.id, 'remind', '1', FIRST_REMINDER_MS);
  await announce({ kind: 'change', id: change.id }, 'now');
  return { kind: 'proposed', change };
}

/** The change that has the host to itself, or is about to: no other one may be proposed that would begin at once. */
export async function changeUnderWay(
  host: string,
  changes: Pick<Changes, 'ofHost' | 'lockOf' | 'find'>,
): Promise<Change | undefined> {
  const own = (await changes.ofHost(host, MOST_CHANGES)).find((each) => hostNeeded(each) === host);
  if (own !== undefined) return own;
  // What it is for may be another host.
  const lock = await changes.lockOf(host);
  return lock && changes.find(lock.change);
}

async function permission(
  { kind, plan, reverts }: Wanted,
  { person, breakGlass, reason, revertMinutes }: Asking,
  tools: ProposeTools,
): Promise<PolicyRule | ProposalRefusal> {
  const { policy, changes } = tools;
  const [first] = gatesOf(kind, { plan, reverts });
  if (first === undefined || !canBindPlan(kind, plan)) return 'no-plan';
  const target = { kind: kind.name, groups: tools.groupsOf(plan.host), risk: plan.risk };
  const gate = { name: first.name, first: true };
  const answer = breakGlass ? mayBreakGlass(policy, target, gate, person) : mayAsk(policy, target, person);
  if (answer.kind === 'refused') return answer.why;
  const { rule } = answer;
  if ((rule.reasonRequired || breakGlass) && reason.trim() === '') return 'reason-required';
  if (revertMinutes !== null && !isWithin(revertMinutes, rule)) return 'bad-minutes';
  if (!breakGlass && stopsAtFreeze(first, { reverts }) && (await isFrozenNow(plan, tools))) return 'frozen';
  if (isOwnBuilder(kind, { plan, reverts }) && !rule.ownBuilder) return 'own-builder';
  // Work that may wait for its host waits there.
  if (first.patience > 0) return rule;
  if ((await changeUnderWay(plan.host, changes)) !== undefined) return 'host-busy';
  // Its holder cannot be read, or it would be among those: what it does on the host is not known until the lock ends.
  return (await changes.lockOf(plan.host)) === undefined ? rule : 'host-locked';
}

function isWithin(minutes: number, { longestRevertMinutes }: PolicyRule): boolean {
  return Number.isInteger(minutes) && minutes >= 1 && minutes <= longestRevertMinutes;
}

function newChange(wanted: Wanted, asking: Asking, rule: PolicyRule, now: Date): Change {
  const { kind, plan, run, reverts } = wanted;
  const { key, requester, breakGlass } = asking;
  const change: Change = {
    id: newId(`change ${key}`) as string as ChangeId,
    kind: kind.name,
    host: plan.host,
    run,
    plan,
    reverts,
    gates: newGates(wanted, rule, now),
    revertMinutes: asking.revertMinutes ?? rule.revertMinutes,
    expiresMinutes: rule.expiresMinutes,
    reason: asking.reason.trim().slice(0, LONGEST_REASON),
    requester,
    proposedAt: now,
    breakGlass,
    review: breakGlass ? { reminders: 0, done: null } : null,
    proofs: [],
    state: { kind: 'waiting', at: now, gate: 0, reverts: null, wish: null, dropped: null },
    revision: 0,
  };
  return breakGlass ? approvedAlone(change, wanted, asking, now) : change;
}

function newGates({ kind, plan, hosts, reverts }: Wanted, rule: PolicyRule, now: Date): readonly Gate[] {
  return gatesOf(kind, { plan, reverts }).map(({ name, role, first, trial }, index) => {
    const { approvals, outsideSlack } = gateRule(rule, { name, first });
    const minutes = gateMinutes(rule, { name, first: first && index === 0 });
    const { host, hostKey } = hosts[role] ?? { host: '', hostKey: null };
    return {
      name,
      host,
      hostKey,
      needs: { approvals, outside: outsideSlack },
      artefact: null,
      expiresMinutes: trial ? null : minutes,
      expiresAt: index === 0 ? new Date(now.getTime() + minutes * 60_000) : null,
      approvals: [],
    };
  });
}

function approvedAlone(change: Change, { kind }: Wanted, { requester, person, sign }: Asking, now: Date): Change {
  const text = boundOf(kind, change, 0) ?? '';
  const signature = sign?.(text) ?? null;
  const alone = { by: requester, at: now, hash: hashOf(text), signature, userGroups: person.userGroups };
  const gates = change.gates.map((gate, index) => (index === 0 ? { ...gate, approvals: [alone] } : gate));
  return { ...change, gates, state: { kind: 'queued', at: now, gate: 0, reverts: null, holder: null, away: null } };
}

/** One open proposal of a kind for a host: what somebody still sees of an older one can no longer be approved. */
async function supersedeOlder({ id, kind, host, requester }: Change, tools: ProposeTools): Promise<void> {
  const newestFirst = await tools.changes.ofHost(host, MOST_CHANGES);
  const mine = newestFirst.findIndex((each) => each.id === id);
  const older = mine < 0 ? [] : newestFirst.slice(mine + 1).filter((each) => each.kind === kind && isProposal(each));
  for (const each of older) {
    await transition(each.id, { kind: 'supersede', by: id, asker: requester }, tools);
  }
}
