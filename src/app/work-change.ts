/** What a worker does to a host for a change: applies it, ends its trial, asks how it stands. Each step is written before and after. */
import type { Policy } from '#change/policy.ts';
import { whyNotAllowed } from '#change/still-allowed.ts';
import type { Change, ChangeFailure, ChangeId, RevertReason, Wanted } from '#domain/change.ts';
import type { Actor } from '#domain/check-run.ts';
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';
import { stepsText } from '#host/change-helper.ts';
import type { HelperAnswer } from '#host/helper-answer.ts';
import type { AnnounceChange, ChangeQueue, Changes, Freezes, HelperResult, RunHelper } from './change-ports.ts';
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
  const { plan, revertMinutes } = started.change;
  const stdin = stepsText(plan.steps);
  const result = await tools.helper(host, { verb: 'apply', id, seconds: revertMinutes * 60, netns: plan.netns, stdin });
  await take(started.change, result, tools);
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
  const call =
    wanted.what === 'extend'
      ? ({ verb: 'extend', id, seconds: EXTENDED_SECONDS } as const)
      : ({ verb: wanted.what === 'keep' ? 'confirm' : 'revert', id } as const);
  await take(change, await tools.helper(host, call), tools);
}

/** Asks the host's own journal how the change stands, and says so: for when nobody knows. */
export async function settleChange(id: ChangeId, tools: WorkTools): Promise<void> {
  const change = await tools.changes.find(id);
  if (change === undefined || !['applying', 'on-trial', 'outcome-unknown'].includes(change.state.kind)) return;
  const host = await tools.findHost(change.host);
  if ('kind' in host) return;
  await take(change, await tools.helper(host, { verb: 'status', id }), tools);
}

/** Brings the change to what the host said. */
async function take(change: Change, result: HelperResult, tools: WorkTools): Promise<void> {
  const { id } = change;
  if (result.kind === 'not-done' && change.state.kind === 'applying')
    return fail(change, { code: result.why.startsWith('sudo') ? 'no-rights' : result.why, detail: result.why }, tools);
  if (result.kind === 'answer' && (await takeAnswer(change, result.answer, tools))) return;
  const why = result.kind === 'answer' ? (result.answer.refused ?? []).join(' ') : result.why;
  if (change.state.kind === 'applying' || wantedOf(change) !== null) await move(id, { kind: 'lose', why }, tools);
  await tools.queue.add(id, 'settle', String(tools.now().getTime()), ASK_AGAIN_MS);
}

/** False when the answer does not say how the change stands. */
async function takeAnswer(change: Change, answer: HelperAnswer, tools: WorkTools): Promise<boolean> {
  const { id } = change;
  const wanted = wantedOf(change);
  switch (answer.state) {
    case 'on-trial': {
      const until = new Date(tools.now().getTime() + Number(answer.detail.split(' ')[0]) * 1000);
      if (change.state.kind === 'on-trial' && wanted?.what !== 'extend') return settleWanted(change, tools);
      if (wanted?.what === 'extend') await move(id, { kind: 'extended', until, by: wanted.by }, tools);
      else await begin(change, until, tools);
      return true;
    }
    case 'kept':
      await move(
        id,
        { kind: 'kept', by: wanted?.by ?? approverOf(change), shadowed: Object.fromEntries(answer.shadowed) },
        tools,
      );
      return true;
    case 'reverted':
      await reverted(change, answer, tools);
      return true;
    case 'undo-failed':
      await move(id, { kind: 'lose', why: [...answer.stuck].flat().join(' ') || 'undo-failed' }, tools);
      return true;
    case 'none':
      await fail(change, { code: 'never-begun', detail: '' }, tools);
      return true;
    default:
      return takeRefusal(change, answer.refused, tools);
  }
}

async function takeRefusal(change: Change, refused: readonly string[] | null, tools: WorkTools): Promise<boolean> {
  if (refused === null) return false;
  const [code = '', ...detail] = refused;
  if (change.state.kind === 'applying') {
    await fail(change, { code, detail: detail.join(' ') }, tools);
    return true;
  }
  return false;
}

async function begin(change: Change, until: Date, tools: WorkTools): Promise<void> {
  await move(change.id, { kind: 'applied', until }, tools);
  for (const [index, delay] of PROOFS_AFTER_MS.entries())
    await tools.queue.add(change.id, 'prove', `${index + 1}`, delay);
}

/** What was wanted was asked of the host, and is still to come. */
async function settleWanted(change: Change, tools: WorkTools): Promise<boolean> {
  if (wantedOf(change) !== null) await unwant(change, tools);
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
  const by: Actor | null = why === 'person' ? (wantedOf(change)?.by ?? null) : null;
  const conflicts = Object.fromEntries(answer.conflicts);
  await move(change.id, { kind: 'reverted', by, why, conflicts }, tools);
}

const REASONS: Readonly<Record<string, RevertReason>> = {
  person: 'person',
  again: 'person',
  timer: 'timer',
  reboot: 'reboot',
  interrupted: 'interrupted',
};

function wantedOf({ state }: Change): Wanted | null {
  return state.kind === 'on-trial' || state.kind === 'kept' ? state.wanted : null;
}

function approverOf({ approvals, requester }: Change): Actor {
  return approvals.at(-1)?.by ?? requester;
}

function fail(change: Change, failure: ChangeFailure, tools: WorkTools): Promise<void> {
  return move(change.id, { kind: 'fail', failure }, tools);
}

function unwant(change: Change, tools: WorkTools): Promise<void> {
  return move(change.id, { kind: 'unwant' }, tools);
}

async function move(id: ChangeId, event: Parameters<typeof transitionChange>[1], tools: WorkTools): Promise<void> {
  const moved = await transitionChange(id, event, tools);
  if (moved.kind === 'moved') await tools.announce(id);
}
