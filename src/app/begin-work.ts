/** A worker begins what is approved: when its host is free and answers, and has the files that it needs. */
import { gateSpec } from '#change/kind.ts';
import { type Change, gateOf, isOnTrial } from '#domain/change.ts';
import type { Host } from '#domain/host.ts';
import type { AdvanceTools } from './advance-ports.ts';
import { type Carried, carryFiles } from './carry-files.ts';
import { findGateHost, whyNotBegin } from './may-begin.ts';
import { stop } from './take-answer.ts';
import { isAway, orderFor, tell } from './tell-host.ts';
import { kindOf, transition } from './transition.ts';

export async function begin(change: Change, tools: AdvanceTools): Promise<void> {
  const host = await findGateHost(change, tools);
  if ('kind' in host) return stop(change, { code: 'no-host', detail: host.kind }, tools);
  const why = await whyNotBegin(change, host, tools);
  if (why !== undefined) return refused(change, why, tools);
  if (await isReady(change, host, tools)) await start(change, host, tools);
}

async function start(change: Change, host: Host, tools: AdvanceTools): Promise<void> {
  const started = await transition(change.id, { kind: 'start' }, tools);
  if (started.kind === 'refused' && started.why === 'host-locked') await waitsForLock(change, tools);
  if (started.kind !== 'moved') return;
  // Somebody may have frozen it between the question and the start; from here on the trail says who was first.
  const whyNot = await whyNotBegin(started.change, host, tools);
  if (whyNot !== undefined && whyNot !== 'expired') return stop(started.change, { code: whyNot, detail: '' }, tools);
  await tell(started.change, host, 'begin', tools);
}

/** A trial whose time is over is the host's to end: it is asked. */
async function refused(change: Change, why: string, tools: AdvanceTools): Promise<void> {
  if (why !== 'expired') return stop(change, { code: why, detail: '' }, tools);
  if (!isOnTrial(change)) {
    await transition(change.id, { kind: 'expire' }, tools);
    return;
  }
  const host = await findGateHost(change, tools);
  if (!('kind' in host)) await tell(change, host, 'look', tools);
}

/** What is approved waits for its host, and people are told for what. */
async function waitsForLock(change: Change, tools: AdvanceTools): Promise<boolean> {
  const host = gateOf(change)?.host;
  const lock = host === undefined ? undefined : await tools.changes.lockOf(host);
  if (lock === undefined || lock.change === change.id) return false;
  await transition(change.id, { kind: 'wait', holder: lock.change, away: null }, tools);
  return true;
}

/** Looked at before the work has begun for the record: what must wait takes no host, and may be called off. */
async function isReady(change: Change, host: Host, tools: AdvanceTools): Promise<boolean> {
  const { carry } = orderFor(change, 'begin', tools);
  if (isOnTrial(change) || (carry === undefined && patienceOf(change, tools) === 0)) return true;
  if (await waitsForLock(change, tools)) return false;
  const carried = carry === undefined ? await probe(change, host, tools) : await carryFiles(change, carry, host, tools);
  return settle(change, carried, tools);
}

async function settle(change: Change, carried: Carried, tools: AdvanceTools): Promise<boolean> {
  const { id } = change;
  switch (carried.kind) {
    case 'ready':
      return true;
    case 'taken':
      return false;
    case 'away':
      await waitsFor(change, carried.host, tools);
      return false;
    case 'failed':
      await stop(change, carried.failure, tools);
      return false;
    case 'under-way':
      await goesOn(change, carried, tools);
      await tools.queue.add(id, 'advance', `carry-${tools.now().getTime()}`);
      return false;
  }
}

async function waitsFor(change: Change, away: string, tools: AdvanceTools): Promise<void> {
  if (patienceOf(change, tools) === 0) return stop(change, { code: 'unreachable', detail: away }, tools);
  await transition(change.id, { kind: 'wait', holder: null, away }, tools);
}

/** Beside the change: the record has that it was approved, and when it began. */
async function goesOn(
  { id }: Change,
  { bytes, of }: Extract<Carried, { kind: 'under-way' }>,
  tools: AdvanceTools,
): Promise<void> {
  const waited = await transition(id, { kind: 'wait', holder: null, away: null }, tools);
  if (waited.kind === 'unknown') return;
  const isNews = await tools.changes.keepProgress(waited.change, { line: `copied ${bytes}/${of}`, silentSince: null });
  if (isNews) await tools.announce({ kind: 'change', id }, 'soon');
}

/** Whether the host answers at all. What else is wrong with it, the order itself will meet. */
async function probe(change: Change, host: Host, { run }: AdvanceTools): Promise<Carried> {
  const hostKey = gateOf(change)?.hostKey;
  const argv = ['true'] as const;
  const limits = { deadlineMs: 10_000, maxBytes: 4096, ...(hostKey != null && { hostKey }) };
  const answer = await run(host, { input: { kind: 'argv', argv }, ...limits });
  return isAway(answer) ? { kind: 'away', host: host.name } : { kind: 'ready' };
}

function patienceOf(change: Change, { kinds }: AdvanceTools): number {
  const { state } = change;
  return state.kind === 'ended' ? 0 : (gateSpec(kindOf(change, kinds), change, state.gate)?.patience ?? 0);
}
