/** What a worker does to a host for a change: applies it, ends its trial, asks how it stands. Each step is written before and after. */
import { boundText } from '#change/bound.ts';
import type { Policy } from '#change/policy.ts';
import { whyNotAllowed } from '#change/still-allowed.ts';
import {
  type Change,
  type ChangeFailure,
  type ChangeId,
  REMARKS,
  type Remark,
  type RevertReason,
  type Wanted,
} from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';
import { orderText } from '#kinds/sysctl/helper.ts';
import type { HelperAnswer } from '#kinds/sysctl/helper-answer.ts';
import { sysctlLines } from '#kinds/sysctl/order-text.ts';
import type { AnnounceChange, ChangeQueue, Changes, Freezes, HelperResult, RunHelper } from './change-ports.ts';
import { isStale } from './due.ts';
import { transitionChange } from './transition-change.ts';

export interface WorkTools {
  readonly changes: Changes;
  readonly freezes: Freezes;
  readonly queue: ChangeQueue;
  readonly announce: AnnounceChange;
  readonly helper: RunHelper;
  readonly policy: Policy;
  readonly keys: ReadonlyMap<string, string>;
  /** A host of this worker's inventory, or why it is none. */
  readonly findHost: (name: string) => Promise<Host | CheckFailure>;
  readonly now: () => Date;
}

const EXTENDED_SECONDS = 600;
/** A first proof as soon as two samples can be told apart; the others close the thread. */
const PROOFS_AFTER_MS = [1_000, 5 * 60_000, 3_600_000];
const ASK_AGAIN_MS = 5_000;
/** How it stands is for the host to say; what was kept may have been undone by whoever could not say so. */
const ASKED_ABOUT: readonly Change['state']['kind'][] = ['applying', 'on-trial', 'kept', 'outcome-unknown'];

/** Rejects with a StoreDown: what is in Redis then is what a reconciler goes by. */
export async function applyChange(id: ChangeId, tools: WorkTools): Promise<void> {
  const change = await tools.changes.find(id);
  if (change === undefined || change.state.kind !== 'approved') return;
  const host = await tools.findHost(change.host);
  if ('kind' in host) return fail(change, { code: 'no-host', detail: host.kind }, tools);
  const why = await askPolicyAgain(change, host, tools);
  if (why === 'expired') return move(id, { kind: 'expire' }, tools);
  if (why !== undefined) return fail(change, { code: why, detail: '' }, tools);
  const started = await transitionChange(id, { kind: 'start' }, tools);
  if (started.kind === 'refused' && started.why === 'host-locked')
    return fail(change, { code: 'host-locked', detail: '' }, tools);
  if (started.kind !== 'moved') return;
  await tools.announce(id);
  // Somebody may have frozen it between the question and the start; from here on the trail says who was first.
  const whyNot = await askPolicyAgain(started.change, host, tools);
  if (whyNot !== undefined && whyNot !== 'expired') return fail(started.change, { code: whyNot, detail: '' }, tools);
  const result = await tools.helper(host, { verb: 'apply', id, order: orderFor(started.change, 'apply') });
  const failure = neverBegun(result);
  await (failure === undefined ? take(started.change, result, tools) : fail(started.change, failure, tools));
}

/** What kept the order to apply from being begun; undefined when it may have been. */
function neverBegun(result: HelperResult): ChangeFailure | undefined {
  if (result.kind === 'not-done')
    return { code: result.why.startsWith('sudo') ? 'no-rights' : result.why, detail: result.why };
  if (result.kind === 'unclear' || result.answer.state !== null || result.answer.refused === null) return undefined;
  const [code = '', ...detail] = result.answer.refused;
  return { code, detail: detail.join(' ') };
}

async function askPolicyAgain(change: Change, { groups }: Host, { policy, keys, freezes, now }: WorkTools) {
  const frozen = (await freezes.list()).map(({ group }) => group);
  return whyNotAllowed(change, { policy, keys, groups, frozen, now: now() });
}

/** Keep, revert or prolong, as somebody wanted. */
export async function endChange(id: ChangeId, tools: WorkTools): Promise<void> {
  const change = await tools.changes.find(id);
  const wanted = change && wantedOf(change);
  if (change === undefined || wanted === null || wanted === undefined) return;
  const host = await tools.findHost(change.host);
  if ('kind' in host) return unwant(change, tools);
  if (wanted.what === 'extend') return take(change, await extendTrial(host, id, wanted, tools), tools);
  const order = orderFor(change, 'keep');
  const call = wanted.what === 'keep' ? ({ verb: 'keep', id, order } as const) : ({ verb: 'revert', id } as const);
  await take(change, await tools.helper(host, call), tools);
}

function orderFor(change: Change, gate: 'apply' | 'keep'): string {
  const { id, host, plan, revertMinutes, requester, breakGlass, expiresAt } = change;
  const bound = {
    ...{ change: id, kind: 'sysctl', gate, host, hostKey: null, risk: plan.risk, revertSeconds: revertMinutes * 60 },
    ...{
      requester: `${requester.surface}:${requester.id}`,
      breakGlass,
      expiresAt: gate === 'apply' ? expiresAt : null,
    },
    ...{ reverts: null, artefact: null, lines: sysctlLines(plan) },
  };
  return orderText(boundText(bound), []);
}

/** A helper of before tells no tokens: when it shows the trial, it has done what it was asked. */
async function extendTrial(host: Host, id: ChangeId, wanted: Wanted, { helper }: WorkTools): Promise<HelperResult> {
  const token = tokenOf(wanted);
  const result = await helper(host, { verb: 'extend', id, seconds: EXTENDED_SECONDS, token });
  if (result.kind !== 'answer' || result.answer.refused !== null) return result;
  return { ...result, answer: { ...result.answer, extended: [...result.answer.extended, token] } };
}

/** The same however often this press is carried out, and of no other press of this change. */
function tokenOf({ at }: Wanted): string {
  return at.getTime().toString(36);
}

/** Asks the host's own journal how the change stands, and says so: for when nobody knows. What was kept and is to be reverted is reverted. */
export async function settleChange(id: ChangeId, tools: WorkTools): Promise<void> {
  const change = await tools.changes.find(id);
  if (change === undefined || !ASKED_ABOUT.includes(change.state.kind)) return;
  const host = await tools.findHost(change.host);
  // Asked only, the host could say "kept" just before an order of another worker reverts it, and nobody would ask again.
  const reverts = change.state.kind === 'kept' && change.state.wanted?.what === 'revert';
  if (!('kind' in host))
    return take(change, await tools.helper(host, { verb: reverts ? 'revert' : 'status', id }), tools);
  const { state } = change;
  const over = state.kind === 'on-trial' && state.until < tools.now();
  if (state.kind === 'applying' || over) await move(id, { kind: 'lose', why: host.kind }, tools);
}

/** Has the host asked in a moment, once however many want it: one that is away for hours is not asked ever more often. */
export function settleSoon(id: ChangeId, { queue, now }: Pick<WorkTools, 'queue' | 'now'>): Promise<void> {
  return queue.add(id, 'settle', `again-${Math.floor(now().getTime() / ASK_AGAIN_MS)}`, ASK_AGAIN_MS);
}

/** Brings the change to what the host said. */
async function take(change: Change, result: HelperResult, tools: WorkTools): Promise<void> {
  const { id, state } = change;
  if (result.kind === 'answer' && (await takeAnswer(change, result.answer, tools))) return;
  const why = result.kind === 'answer' ? unclear(change, result.answer) : result.why;
  // A kept change is kept until the host says that it has gone back.
  if (state.kind === 'applying' || (state.kind === 'on-trial' && state.wanted !== null))
    await move(id, { kind: 'lose', why }, tools);
  // What has been open for long is the reconciler's, which has more patience.
  if (!isStale(change, tools.now())) await settleSoon(id, tools);
}

function unclear({ plan }: Change, { refused, state, values }: HelperAnswer): string {
  if (refused !== null) return refused.join(' ');
  const differs = plan.steps.find(({ key, to }) => state === 'on-trial' && values.get(key) !== to);
  return differs === undefined ? `state ${state}` : `${differs.key} ${values.get(differs.key) ?? '?'}`;
}

/** False when the answer does not say how the change stands. */
async function takeAnswer(change: Change, answer: HelperAnswer, tools: WorkTools): Promise<boolean> {
  const { id } = change;
  switch (answer.state) {
    case 'on-trial':
      return takeTrial(change, answer, tools);
    case 'kept':
      return takeKept(change, answer, tools);
    case 'reverted':
      await reverted(change, answer, tools);
      return true;
    case 'undo-failed': {
      const stuck = Object.entries(ofPlan(answer.stuck, change)).flat().join(' ');
      await move(id, { kind: 'lose', why: stuck || 'undo-failed' }, tools);
      return true;
    }
    case 'none': {
      // It had told us of a trial: whatever it has forgotten, that is not the same as never begun.
      const gone = { kind: 'lose', why: 'journal-gone' } as const;
      await (hasBegun(change) ? move(id, gone, tools) : fail(change, { code: 'never-begun', detail: '' }, tools));
      return true;
    }
    default:
      return false;
  }
}

async function takeTrial(change: Change, answer: HelperAnswer, tools: WorkTools): Promise<boolean> {
  const { id, state, plan } = change;
  const wanted = wantedOf(change);
  const left = /^(\d{1,4})(?: |$)/.exec(answer.detail)?.[1];
  if (left === undefined) return false;
  const until = new Date(tools.now().getTime() + Number(left) * 1000);
  if (wanted?.what === 'extend' && answer.extended.includes(tokenOf(wanted))) {
    await move(id, { kind: 'extended', until, by: wanted.by }, tools);
    return true;
  }
  if (state.kind === 'on-trial') return settleWanted(change, answer, tools);
  // Applied is what was read back, and nothing else.
  if (state.kind === 'kept' || plan.steps.some(({ key, to }) => answer.values.get(key) !== to)) return false;
  await begin(change, until, tools);
  return true;
}

/** By whoever asked for it, not by whoever happens to be known. */
async function takeKept(change: Change, answer: HelperAnswer, tools: WorkTools): Promise<boolean> {
  if (change.state.kind === 'applying') return false;
  if (change.state.kind === 'kept') return settleWanted(change, answer, tools);
  const wanted = wantedOf(change);
  const by = wanted?.what === 'keep' ? wanted.by : null;
  const remarks = remarksOf(answer, change);
  await move(change.id, { kind: 'kept', by, shadowed: ofPlan(answer.shadowed, change), remarks }, tools);
  return true;
}

/** A host may say anything; what it says of other keys concerns nobody. */
function ofPlan(said: ReadonlyMap<string, string>, { plan }: Change): Readonly<Record<string, string>> {
  return Object.fromEntries([...said].filter(([key]) => plan.steps.some((step) => step.key === key)));
}

function remarksOf({ foreign, superseded, foreignLines }: HelperAnswer, change: Change): readonly Remark[] {
  const all = { foreign, superseded, 'foreign-line': foreignLines } as const;
  return REMARKS.flatMap((what) =>
    Object.entries(ofPlan(all[what], change)).map(([key, value]) => ({ what, key, value })),
  );
}

async function begin(change: Change, until: Date, tools: WorkTools): Promise<void> {
  await move(change.id, { kind: 'applied', until }, tools);
  for (const [index, delay] of PROOFS_AFTER_MS.entries())
    await tools.queue.add(change.id, 'prove', `${index + 1}`, delay);
}

/** What was wanted was asked of the host, and is still to come. */
async function settleWanted(change: Change, { refused }: HelperAnswer, tools: WorkTools): Promise<boolean> {
  if (wantedOf(change) !== null) await unwant(change, tools, refused?.join(' '));
  // The first proof went with its worker, and people decide by it.
  else if (change.state.kind === 'on-trial' && change.proofs.length === 0)
    await tools.queue.add(change.id, 'prove', 'again');
  return true;
}

/** The host went back by itself, or as it was told; or never got as far as a trial. */
async function reverted(change: Change, answer: HelperAnswer, tools: WorkTools): Promise<void> {
  const [word = ''] = answer.detail.split(' ');
  if (change.state.kind === 'applying' && answer.failed !== null) {
    const [code = '', ...detail] = answer.failed;
    return fail(change, { code, detail: detail.join(' ') }, tools);
  }
  const why = REASONS[word.replace(/:$/, '')] ?? 'failed';
  const wanted = wantedOf(change);
  const by: Actor | null = why === 'person' && wanted?.what === 'revert' ? wanted.by : null;
  const remarks = remarksOf(answer, change);
  const foreign = new Map([...answer.conflicts].filter(([key]) => !answer.superseded.has(key)));
  await move(change.id, { kind: 'reverted', by, why, conflicts: ofPlan(foreign, change), remarks }, tools);
}

const REASONS: Readonly<Record<string, RevertReason>> = {
  person: 'person',
  again: 'person',
  timer: 'timer',
  reboot: 'reboot',
  interrupted: 'interrupted',
};

function hasBegun({ state }: Change): boolean {
  return state.kind === 'outcome-unknown' ? state.began : state.kind === 'on-trial' || state.kind === 'kept';
}

function wantedOf({ state }: Change): Wanted | null {
  return state.kind === 'on-trial' || state.kind === 'kept' || state.kind === 'outcome-unknown' ? state.wanted : null;
}

function fail(change: Change, failure: ChangeFailure, tools: WorkTools): Promise<void> {
  return move(change.id, { kind: 'fail', failure }, tools);
}

function unwant(change: Change, tools: WorkTools, why?: string): Promise<void> {
  return move(change.id, { kind: 'unwant', seen: change.revision, ...(why === undefined ? {} : { why }) }, tools);
}

async function move(id: ChangeId, event: Parameters<typeof transitionChange>[1], tools: WorkTools): Promise<void> {
  const moved = await transitionChange(id, event, tools);
  if (moved.kind === 'moved') await tools.announce(id);
}
