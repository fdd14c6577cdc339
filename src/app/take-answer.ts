/** Brings a change to what its host said. */
import type { ChangeEvent } from '#change/decide.ts';
import { isStale } from '#change/due.ts';
import { type Observation, openSpec } from '#change/kind.ts';
import { progressLine } from '#change/progress.ts';
import { type Change, type ChangeId, type ChangeState, isOnTrial, stageOf, trialOf } from '#domain/change.ts';
import { type ChangeFailure, failureText } from '#domain/change-failure.ts';
import type { AdvanceTools } from './advance-ports.ts';
import { advanceSoon } from './advance-soon.ts';
import { kindOf, type Transitioned, transition } from './transition.ts';

type Said<K extends Observation['kind']> = Extract<Observation, { kind: K }>;

export const NEVER_BEGUN: ChangeFailure = { code: 'never-begun', detail: '' };

/** A first proof as soon as two samples can be told apart; the others close the thread. */
const PROOFS_AFTER_MS = [1_000, 5 * 60_000, 3_600_000];

export async function take(change: Change, said: Observation, tools: AdvanceTools): Promise<void> {
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
      return beginAgain(change, null, NEVER_BEGUN, tools);
    case 'unclear':
      return lost(change, said, tools);
    case 'running':
      return atWork(change, said, tools);
  }
}

/** How far it is stands beside the change: cards show it at the pace that Slack allows. */
async function atWork({ id, state }: Change, { progress }: Said<'running'>, tools: AdvanceTools): Promise<void> {
  const moved = await transition(id, { kind: 'running' }, tools);
  if (moved.kind === 'unknown' || !isSameWork(state, moved.change.state)) return;
  const heard = { line: progressLine(progress ?? ''), silentSince: null };
  const isNews = await tools.changes.keepProgress(moved.change, heard);
  if (isNews) await tools.announce({ kind: 'change', id }, 'soon');
}

/** What the host says of one gate's work is not said of another's. */
function isSameWork(asked: ChangeState, is: ChangeState): boolean {
  return asked.kind !== 'ended' && is.kind === 'working' && is.gate === asked.gate;
}

async function reached(change: Change, said: Said<'done'>, tools: AdvanceTools): Promise<void> {
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

async function lost(change: Change, { why, isWord }: Said<'unclear'>, tools: AdvanceTools): Promise<void> {
  const { id, state } = change;
  if (!isWord && (await mayBeSilent(change, tools))) return;
  const open = state.kind === 'working' || trialOf(change)?.wish != null || (isWord && isOnTrial(change));
  if (open) await move(id, { kind: 'lose', why }, tools);
  // What has been open for long is the reconciler's, which has more patience.
  if (!isStale(change, tools.now())) await advanceSoon(id, tools);
}

/** Work that a host is at goes on there while it does not answer: it may be booting, or the connection was lost. In no record. */
async function mayBeSilent(change: Change, { changes, kinds, announce, now }: AdvanceTools): Promise<boolean> {
  const { id, state } = change;
  if (state.kind !== 'working' || !state.running) return false;
  const silence = openSpec(kindOf(change, kinds), change)?.silence ?? 0;
  const { line, silentSince } = await changes.progressOf(change);
  const since = silentSince ?? now();
  if (now().getTime() - since.getTime() >= silence * 60_000) return false;
  if (await changes.keepProgress(change, { line, silentSince: since })) await announce({ kind: 'change', id }, 'soon');
  return true;
}

/** What never reached the host is approved still, as long as it may wait. `away`: the host that does not answer. */
export async function beginAgain(
  change: Change,
  away: string | null,
  failure: ChangeFailure,
  tools: AdvanceTools,
): Promise<void> {
  const { id, revision: seen } = change;
  const queued = await transition(id, { kind: 'requeue', seen, away }, tools);
  if (queued.kind === 'refused' && queued.why === 'expired') await stop(change, failure, tools);
}

/** Ends what has not begun. A trial goes on, and the people who pressed hear why nothing came of it. */
export function stop(change: Change, failure: ChangeFailure, tools: AdvanceTools): Promise<void> {
  const { id, revision: seen } = change;
  if (!isOnTrial(change)) return move(id, { kind: 'fail', failure, stage: stageOf(change) }, tools);
  return move(id, { kind: 'drop', seen, why: failureText(failure) }, tools);
}

async function move(id: ChangeId, event: ChangeEvent, tools: AdvanceTools): Promise<void> {
  await transition(id, event, tools);
}
