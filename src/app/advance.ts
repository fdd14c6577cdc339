/** What a worker does for a change: begins the work behind a gate, asks how it stands, carries out a wish. Each step is written before and after. */
import { type Circumstances, whyNotAllowed } from '#change/allowed.ts';
import { openBound } from '#change/bound.ts';
import type { ChangeEvent } from '#change/decide.ts';
import { askAgain, isOverdue, isStale } from '#change/due.ts';
import type { Approved, Deed, Observation } from '#change/kind.ts';
import { progressLine } from '#change/progress.ts';
import {
  type Change,
  type ChangeId,
  type ChangeState,
  gateOf,
  isKept,
  isOnTrial,
  stageOf,
  trialOf,
} from '#domain/change.ts';
import { type ChangeFailure, failureText } from '#domain/change-failure.ts';
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';
import type { DecideTools } from './decide-ports.ts';
import type { CopyFile, ReadFile, RunOnHost } from './ports.ts';
import { kindOf, type Transitioned, transition } from './transition.ts';

export interface AdvanceTools extends Omit<DecideTools, 'groupsOf'> {
  readonly run: RunOnHost;
  readonly copy: CopyFile;
  readonly read: ReadFile;
  /** Random letters and digits that frame an answer. */
  readonly word: () => string;
  /** A host of this worker's inventory, or why it is none. */
  readonly findHost: (name: string) => Promise<Host | CheckFailure>;
}

type Unclear = Extract<Observation, { kind: 'unclear' }>;

/** A first proof as soon as two samples can be told apart; the others close the thread. */
const PROOFS_AFTER_MS = [1_000, 5 * 60_000, 3_600_000];

/** Rejects with a StoreDown: what is in Redis then is what a reconciler goes by. */
export async function advance(id: ChangeId, tools: AdvanceTools): Promise<void> {
  const change = await tools.changes.find(id);
  switch (change?.state.kind) {
    case 'queued':
      return begin(change, tools);
    case 'working':
      if (change.state.wish !== null) return ask(change, change.state.wish.what, tools);
      // Another worker is on it; asked before its time is over, the host could take its order for one that never came.
      return isOverdue(change, tools.now().getTime()) ? ask(change, 'look', tools) : undefined;
    case 'waiting':
      return trialOf(change) && ask(change, trialOf(change)?.wish?.what ?? 'look', tools);
    case 'unclear':
      return ask(change, 'look', tools);
  }
}

/** Has the host asked in a moment, once however many want it. */
export function advanceSoon(id: ChangeId, { queue, now }: Pick<AdvanceTools, 'queue' | 'now'>): Promise<void> {
  const { key, delayMs } = askAgain(now());
  return queue.add(id, 'advance', key, delayMs);
}

async function begin(change: Change, tools: AdvanceTools): Promise<void> {
  const { id } = change;
  const host = await findGateHost(change, tools);
  if ('kind' in host) return stop(change, { code: 'no-host', detail: host.kind }, tools);
  const why = await askPolicy(change, host, tools);
  if (why !== undefined) return refused(change, why, tools);
  const started = await transition(id, { kind: 'start' }, tools);
  if (started.kind === 'refused' && started.why === 'host-locked') return wait(change, tools);
  if (started.kind !== 'moved') return;
  // Somebody may have frozen it between the question and the start; from here on the trail says who was first.
  const whyNot = await askPolicy(started.change, host, tools);
  if (whyNot !== undefined && whyNot !== 'expired') return stop(started.change, { code: whyNot, detail: '' }, tools);
  await order(started.change, host, 'begin', tools);
}

/** A trial whose time is over is the host's to end: it is asked. */
function refused(change: Change, why: string, tools: AdvanceTools): Promise<void> {
  if (why !== 'expired') return stop(change, { code: why, detail: '' }, tools);
  return isOnTrial(change) ? ask(change, 'look', tools) : move(change.id, { kind: 'expire' }, tools);
}

/** What is approved waits for its host, and people are told for what. */
async function wait(change: Change, tools: AdvanceTools): Promise<void> {
  const host = gateOf(change)?.host;
  const lock = host === undefined ? undefined : await tools.changes.lockOf(host);
  if (lock !== undefined) await move(change.id, { kind: 'wait', holder: lock.change }, tools);
}

async function findGateHost(change: Change, { findHost }: AdvanceTools): Promise<Host | CheckFailure> {
  return findHost(gateOf(change)?.host ?? change.host);
}

async function askPolicy(change: Change, host: Host, tools: AdvanceTools): Promise<string | undefined> {
  const { policy, keys, freezes, kinds, now } = tools;
  const { state } = change;
  if (state.kind === 'ended') return 'over';
  const frozen = (await freezes.list()).map(({ group }) => group);
  const groups = host.name === change.host ? host.groups : await groupsOf(change.host, tools);
  const around: Circumstances = { policy, keys, groups, frozen, now: now() };
  const why = whyNotAllowed(kindOf(change, kinds), change, state.gate, around);
  if (why !== undefined && why !== 'expired') return why;
  return (await isShownWayBack(change, tools)) ? why : 'no-such-plan';
}

/** The host takes back what its own journal says of the kept change: people must have been shown that one's steps. */
async function isShownWayBack(change: Change, { changes, kinds }: AdvanceTools): Promise<boolean> {
  if (change.reverts === null) return true;
  const [kind, kept] = [kindOf(change, kinds), await changes.find(change.reverts)];
  const plan = kept?.kind === change.kind && isKept(kept) ? kind.reverse(kept.plan) : undefined;
  return plan !== undefined && plan.host === change.host && sameLines(kind.bound(plan), kind.bound(change.plan));
}

function sameLines(one: readonly (readonly string[])[], other: readonly (readonly string[])[]): boolean {
  return one.map((words) => words.join('\t')).join('\n') === other.map((words) => words.join('\t')).join('\n');
}

/** The rule goes by the host that the change is for, also where another one works. */
async function groupsOf(name: string, { findHost }: AdvanceTools): Promise<readonly string[]> {
  const host = await findHost(name);
  return 'kind' in host ? [] : host.groups;
}

async function ask(change: Change, deed: Deed, tools: AdvanceTools): Promise<void> {
  const host = await findGateHost(change, tools);
  if (!('kind' in host)) return order(change, host, deed, tools);
  const { state } = change;
  if (state.kind === 'waiting' && deed !== 'look')
    return move(change.id, { kind: 'drop', seen: change.revision }, tools);
  const over = trialOf(change) !== undefined && isOverdue(change, tools.now().getTime());
  if (state.kind === 'working' || over) await move(change.id, { kind: 'lose', why: host.kind }, tools);
}

/** The host must be the one whose key people saw: another one under its name is told nothing. */
async function order(change: Change, host: Host, deed: Deed, tools: AdvanceTools): Promise<void> {
  const kind = kindOf(change, tools.kinds);
  const word = tools.word();
  const approved = (await isAllowed(change, host, deed, tools)) ? approvedOf(change, tools) : null;
  const wanted = kind.order(change, deed, word, approved);
  const hostKey = gateOf(change)?.hostKey;
  const answer = await tools.run(host, { ...wanted, ...(hostKey != null && { hostKey }) });
  const now = tools.now();
  await take(change, doubted(change, deed, kind.observe(change, deed, answer, word, now), now), tools);
}

/** A way back is told again when it is asked: for some minutes the order of before may be on its way, and what refuses this one is no end. */
function doubted(change: Change, deed: Deed, said: Observation, now: Date): Observation {
  const isEnd = said.kind !== 'refused' || change.reverts === null || deed !== 'look' || isStale(change, now);
  return isEnd ? said : { kind: 'unclear', why: failureText(said.failure), isWord: false };
}

/** To look may be to tell again: then it is asked again, except that the time to begin may be over. */
async function isAllowed(change: Change, host: Host, deed: Deed, tools: AdvanceTools): Promise<boolean> {
  if (deed === 'begin' || change.reverts === null) return true;
  const why = await askPolicy(change, host, tools);
  return why === undefined || why === 'expired';
}

/** What the approvals of the gate are for: the host may verify the signatures itself. */
function approvedOf(change: Change, { kinds }: AdvanceTools): Approved {
  const text = openBound(kindOf(change, kinds), change);
  const signatures = (gateOf(change)?.approvals ?? []).flatMap(({ signature }) => signature ?? []);
  return { text: text ?? '', signatures };
}

/** Brings the change to what the host said. */
async function take(change: Change, said: Observation, tools: AdvanceTools): Promise<void> {
  switch (said.kind) {
    case 'done':
      return reached(change, said, tools);
    case 'undone':
      return move(change.id, said, tools);
    case 'extended':
      return move(change.id, { ...said, asked: 'wish' in change.state ? change.state.wish : null }, tools);
    case 'refused':
      return stop(change, said.failure, tools);
    case 'not-begun':
      return stop(change, { code: 'never-begun', detail: '' }, tools);
    case 'unclear':
      return lost(change, said, tools);
    case 'running':
      return atWork(change, said, tools);
  }
}

/** How far it is stands beside the change: cards show it at the pace that Slack allows. */
async function atWork(
  { id, state }: Change,
  { progress }: Extract<Observation, { kind: 'running' }>,
  tools: AdvanceTools,
): Promise<void> {
  const moved = await transition(id, { kind: 'running' }, tools);
  if (moved.kind === 'unknown' || !isSameWork(state, moved.change.state)) return;
  const isNews = await tools.changes.keepProgress(moved.change, {
    line: progressLine(progress ?? ''),
    silentSince: null,
  });
  if (isNews) await tools.announce({ kind: 'change', id }, 'soon');
}

/** What the host says of one gate's work is not said of another's. */
function isSameWork(asked: ChangeState, is: ChangeState): boolean {
  return asked.kind !== 'ended' && is.kind === 'working' && is.gate === asked.gate;
}

async function reached(
  change: Change,
  said: Extract<Observation, { kind: 'done' }>,
  tools: AdvanceTools,
): Promise<void> {
  const moved = await transition(change.id, { ...said, seen: change.revision }, tools);
  await measure(change, moved, tools);
}

/** From the beginning of a trial on; and again where the first proof went with its worker, since people decide by it. */
async function measure(before: Change, moved: Transitioned, { queue, kinds }: AdvanceTools): Promise<void> {
  if (moved.kind === 'unknown' || kindOf(before, kinds).proving(before) === null) return;
  const { change } = moved;
  if (trialOf(change) === undefined) return;
  if (!isOnTrial(before) && moved.kind === 'moved')
    for (const [index, delay] of PROOFS_AFTER_MS.entries()) await queue.add(change.id, 'prove', `${index + 1}`, delay);
  else if (change.proofs.length === 0) await queue.add(change.id, 'prove', 'again');
}

async function lost(change: Change, { why, isWord }: Unclear, tools: AdvanceTools): Promise<void> {
  const { id, state } = change;
  const open = state.kind === 'working' || trialOf(change)?.wish != null || (isWord && isOnTrial(change));
  if (open) await move(id, { kind: 'lose', why }, tools);
  // What has been open for long is the reconciler's, which has more patience.
  if (!isStale(change, tools.now())) await advanceSoon(id, tools);
}

/** Ends what has not begun. A trial goes on, and the people who pressed hear why nothing came of it. */
function stop(change: Change, failure: ChangeFailure, tools: AdvanceTools): Promise<void> {
  const { id, revision: seen } = change;
  if (!isOnTrial(change)) return move(id, { kind: 'fail', failure, stage: stageOf(change) }, tools);
  return move(id, { kind: 'drop', seen, why: failureText(failure) }, tools);
}

async function move(id: ChangeId, event: ChangeEvent, tools: AdvanceTools): Promise<void> {
  await transition(id, event, tools);
}
