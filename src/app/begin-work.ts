/** A worker begins what is approved: when its host is free and answers, and has the files that it needs. */
import { type Change, gateOf, isOnTrial } from '#domain/change.ts';
import type { Host } from '#domain/host.ts';
import type { AdvanceTools } from './advance-ports.ts';
import { type Carried, carryFiles } from './carry-files.ts';
import { findGateHost, whyNotBegin } from './may-begin.ts';
import { stop } from './take-answer.ts';
import { isAway, orderFor, tell } from './tell-host.ts';
import { patienceOf, transition } from './transition.ts';

/** Work that may take long to begin is begun by one worker at a time. */
export async function begin(change: Change, tools: AdvanceTools): Promise<void> {
  if (!isLong(change, tools)) return void (await beginNow(change, tools));
  const copying = await tools.changes.alone(change.id, () => beginNow(change, tools));
  if (copying === 'goes-on') await tools.queue.add(change.id, 'advance', `carry-${tools.now().getTime()}`);
}

async function beginNow(change: Change, tools: AdvanceTools): Promise<'goes-on' | 'over'> {
  const host = await findGateHost(change, tools);
  const why = 'kind' in host ? undefined : await whyNotBegin(change, host, tools);
  if ('kind' in host) await stop(change, { code: 'no-host', detail: host.kind }, tools);
  else if (why !== undefined) await refused(change, why, tools);
  else return whenReady(change, host, tools);
  return 'over';
}

async function whenReady(change: Change, host: Host, tools: AdvanceTools): Promise<'goes-on' | 'over'> {
  const ready = isLong(change, tools) ? await prepare(change, host, tools) : 'ready';
  if (ready === 'ready') await start(change, host, tools);
  return ready === 'goes-on' ? ready : 'over';
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

type Readiness = 'ready' | 'goes-on' | 'not-yet';

/** Before the work has begun for the record: what must wait takes no host, and may be called off. */
async function prepare(change: Change, host: Host, tools: AdvanceTools): Promise<Readiness> {
  if (await waitsForLock(change, tools)) return 'not-yet';
  const { carry } = orderFor(change, 'begin', tools);
  const carried = carry === undefined ? await probe(change, host, tools) : await carryFiles(change, carry, host, tools);
  switch (carried.kind) {
    case 'ready':
      return 'ready';
    case 'away':
      await waitsFor(change, carried.host, tools);
      return 'not-yet';
    case 'failed':
      await stop(change, carried.failure, tools);
      return 'not-yet';
    case 'under-way':
      await goesOn(change, carried, tools);
      return 'goes-on';
  }
}

async function waitsFor(change: Change, away: string, tools: AdvanceTools): Promise<void> {
  if (patienceOf(change, tools.kinds) === 0) return stop(change, { code: 'unreachable', detail: away }, tools);
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

/** It may wait for its hosts, or needs files. On trial the host waits for nobody. */
function isLong(change: Change, tools: AdvanceTools): boolean {
  if (isOnTrial(change)) return false;
  return patienceOf(change, tools.kinds) > 0 || orderFor(change, 'begin', tools).carry !== undefined;
}
