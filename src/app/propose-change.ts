/** Somebody asks for a change: the plan of a check becomes a proposal, if the policy lets this person ask. */
import { proposalEntry } from '#change/entry.ts';
import { planHash } from '#change/plan-hash.ts';
import {
  gateRule,
  mayAsk,
  mayBreakGlass,
  POLICY_REFUSALS,
  type Policy,
  type PolicyRule,
  type Somebody,
} from '#change/policy.ts';
import { isFrozen } from '#change/still-allowed.ts';
import { APPLY, SYSCTL } from '#change/sysctl-gates.ts';
import type { Card } from '#domain/card.ts';
import { type Change, type ChangeId, isLive } from '#domain/change.ts';
import type { Actor, CheckId } from '#domain/check.ts';
import { UNREADY, type Unready } from '#domain/helper-state.ts';
import type { Plan, Proposal } from '#domain/plan.ts';
import type { Report } from '#domain/report.ts';
import type { Cards } from './card-ports.ts';
import type { AnnounceChange, ChangeQueue, Changes, Freezes } from './change-ports.ts';
import type { Reports } from './check-ports.ts';
import { newId } from './new-id.ts';
import { transitionChange } from './transition-change.ts';

export interface ChangeAsked {
  /** Names the request: the same one is the same change. */
  readonly key: string;
  readonly run: CheckId;
  readonly fix: string;
  readonly requester: Actor;
  readonly person: Somebody;
  /** Of the host. */
  readonly groups: readonly string[];
  /** Null = what the policy says. */
  readonly revertMinutes: number | null;
  readonly reason: string;
  /** Apply it at once, alone. */
  readonly breakGlass: boolean;
  /** Where it is shown; null = nowhere in Slack. */
  readonly card: Pick<Card, 'place' | 'language'> | null;
}

export interface ProposeTools {
  readonly reports: Reports;
  readonly changes: Changes;
  readonly cards: Cards;
  readonly freezes: Freezes;
  readonly queue: ChangeQueue;
  readonly announce: AnnounceChange;
  readonly policy: Policy;
  readonly now: () => Date;
}

export const PROPOSAL_REFUSALS = [
  'unknown-report',
  'no-plan',
  'old-evidence',
  ...POLICY_REFUSALS,
  'frozen',
  'reason-required',
  'bad-minutes',
  'host-busy',
  'host-locked',
  ...UNREADY,
] as const;

export type ProposalRefusal = (typeof PROPOSAL_REFUSALS)[number];

export type Proposed =
  | { readonly kind: 'proposed' | 'repeated'; readonly change: Change }
  | {
      readonly kind: 'refused';
      readonly why: ProposalRefusal;
      /** What the words of the refusal name. */
      readonly details?: Pick<Unready, 'has' | 'needs'>;
    };

/** A plan is made from evidence, and evidence grows old. */
const FRESH_MS = 30 * 60_000;
const LONGEST_REASON = 500;
const FIRST_REMINDER_MS = 3_600_000;

/** Rejects with a StoreDown. */
export async function proposeChange(asked: ChangeAsked, tools: ProposeTools): Promise<Proposed> {
  const found = await findPlan(asked, tools);
  if (typeof found === 'string') return { kind: 'refused', why: found };
  const { plan, unready } = found;
  const rule = await permission(asked, plan, tools);
  if (typeof rule === 'string') return { kind: 'refused', why: rule };
  if (unready) return { kind: 'refused', why: unready.why, details: unready };
  const change = newChange(asked, plan, rule, tools.now());
  const { changes, cards, queue, announce } = tools;
  const { id } = change;
  if (asked.card !== null)
    await cards.add({ id, subject: { kind: 'change', id }, ...asked.card, askedBy: asked.requester.id });
  if ((await changes.propose(change, proposalEntry(change, change.proposedAt))) === 'repeated')
    return { kind: 'repeated', change: (await changes.find(change.id)) ?? change };
  await supersedeOlder(change, tools);
  if (change.state.kind === 'approved') await queue.add(change.id, 'apply', 'once');
  if (change.review !== null) await queue.add(change.id, 'remind', '1', FIRST_REMINDER_MS);
  await announce(change.id);
  return { kind: 'proposed', change };
}

export function isTooOld({ startedAt }: Pick<Report, 'startedAt'>, now: Date): boolean {
  return now.getTime() - startedAt.getTime() > FRESH_MS;
}

/** The change that has the host to itself, or is about to: no other one may be proposed. */
export async function changeUnderWay(host: string, changes: Pick<Changes, 'ofHost'>): Promise<Change | undefined> {
  return (await changes.ofHost(host, 20)).find(isLive);
}

type Planned = Extract<Proposal, { kind: 'plan' }>;

async function findPlan({ run, fix }: ChangeAsked, { reports, now }: ProposeTools): Promise<Planned | ProposalRefusal> {
  const stored = await reports.find(run);
  if (stored === undefined) return 'unknown-report';
  const proposal = stored.proposals?.find((each) => each.kind === 'plan' && each.plan.fix === fix);
  if (proposal?.kind !== 'plan') return 'no-plan';
  return isTooOld(stored.report, now()) ? 'old-evidence' : proposal;
}

async function permission(
  asked: ChangeAsked,
  plan: Plan,
  { policy, freezes, changes, now }: ProposeTools,
): Promise<PolicyRule | ProposalRefusal> {
  const { person, groups, breakGlass, reason, revertMinutes } = asked;
  const target = { groups, risk: plan.risk, kind: SYSCTL };
  const answer = breakGlass ? mayBreakGlass(policy, target, APPLY, person) : mayAsk(policy, target, person);
  if (answer.kind === 'refused') return answer.why;
  const { rule } = answer;
  if ((rule.reasonRequired || breakGlass) && reason.trim() === '') return 'reason-required';
  if (
    revertMinutes !== null &&
    !(Number.isInteger(revertMinutes) && revertMinutes >= 1 && revertMinutes <= rule.longestRevertMinutes)
  )
    return 'bad-minutes';
  const frozen = (await freezes.list()).map(({ group }) => group);
  if (!breakGlass && isFrozen({ policy, groups, frozen, now: now() })) return 'frozen';
  if ((await changeUnderWay(plan.host, changes)) !== undefined) return 'host-busy';
  // Its holder cannot be read, or it would be among those: what it does on the host is not known until the lock ends.
  return (await changes.lockOf(plan.host)) === undefined ? rule : 'host-locked';
}

function newChange(asked: ChangeAsked, plan: Plan, rule: PolicyRule, now: Date): Change {
  const needs = gateRule(rule, APPLY);
  const { key, run, requester, person, breakGlass } = asked;
  const revertMinutes = asked.revertMinutes ?? rule.revertMinutes;
  const hash = planHash(plan, revertMinutes);
  const alone = { by: requester, at: now, hash, signature: null, userGroups: person.userGroups };
  return {
    id: newId(`change ${key}`) as string as ChangeId,
    host: plan.host,
    run,
    plan,
    hash,
    revertMinutes,
    reason: asked.reason.trim().slice(0, LONGEST_REASON),
    requester,
    proposedAt: now,
    expiresAt: new Date(now.getTime() + rule.expiresMinutes * 60_000),
    needs: { approvals: needs.approvals, outside: needs.outsideSlack },
    breakGlass,
    review: breakGlass ? { reminders: 0, done: null } : null,
    approvals: breakGlass ? [alone] : [],
    proofs: [],
    state: breakGlass ? { kind: 'approved', at: now } : { kind: 'proposed' },
    revision: 0,
  };
}

/** One live proposal a host: what somebody still sees of an older one can no longer be approved. */
async function supersedeOlder({ id, host }: Change, tools: ProposeTools): Promise<void> {
  const newestFirst = await tools.changes.ofHost(host, 20);
  const mine = newestFirst.findIndex((each) => each.id === id);
  const older = mine < 0 ? [] : newestFirst.slice(mine + 1).filter(({ state }) => state.kind === 'proposed');
  for (const each of older) {
    await transitionChange(each.id, { kind: 'supersede', by: id }, tools);
    await tools.announce(each.id);
  }
}
