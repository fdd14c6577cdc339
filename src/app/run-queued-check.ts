/** Runs one check from the queue: every step is written to the store before it is announced, and the end is written once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AskedFor, Check, CheckId, KernelWanted, Stage } from '#domain/check.ts';
import type { CheckFailure, KernelDrift, Report } from '#domain/report.ts';
import type { AdvanceTools } from './advance-ports.ts';
import { type Announce, SOON_MS } from './card-ports.ts';
import { type CheckOutcome, type CheckTools, checkHost, type Judge } from './check-host.ts';
import { type EndState, type Store, StoreDown } from './check-ports.ts';
import type { Examine } from './examine.ts';
import type { Seen } from './plan-kernel.ts';

export interface CheckWorkTools extends Pick<Store, 'runs' | 'reports'> {
  readonly announce: Announce;
  readonly findHost: AdvanceTools['findHost'];
  /** False where no policy lets anybody change anything. */
  readonly plansFixes: boolean;
  /** The kernel that a change kept on the host, and that does not run. */
  readonly findDrift: (report: Report) => Promise<KernelDrift | null>;
  /** Asks for what is wanted on the evidence of the report. */
  readonly askFor: (run: Check, wanted: KernelWanted, seen: Seen, signal: AbortSignal) => Promise<AskedFor>;
  readonly checking: Pick<CheckTools, 'run' | 'sources' | 'now'> & { readonly examine: Examine };
  /** Said, not thrown: the check goes on without its card. */
  readonly onSilence: (error: unknown) => void;
}

/** The queue should run it again: nothing is known about the host yet. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

/** Failures of the way to the host, which another attempt may not meet. */
const PASSING: readonly CheckFailure['kind'][] = ['unreachable', 'refused', 'connection-lost'];
const RETRY_STORE_MS = 250;

/** Rejects with TryAgain when there may be another attempt, and when `signal` says that this process is going. */
export async function runQueuedCheck(
  id: CheckId,
  mayTryAgain: boolean,
  signal: AbortSignal,
  tools: CheckWorkTools,
): Promise<void> {
  const run = await tools.runs.take(id);
  if (run === undefined) return;
  using log = follow(run, tools);
  log.announceSoon();
  const outcome = await withDrift(run, await attempt(run, signal, log, tools), tools);
  await log.written();
  if (signal.aborted && signal.reason !== 'cancelled') throw await handBack(run, tools, 'this process is going');
  if (mayTryAgain && outcome.kind === 'failed' && PASSING.includes(outcome.failure.kind))
    throw await handBack(run, tools, outcome.failure.kind);
  const asked = await askNext(run, outcome, signal, tools);
  if (signal.aborted && signal.reason !== 'cancelled') throw await handBack(run, tools, 'this process is going');
  await end(run, outcome, asked, tools);
  log.announce();
  await log.written();
}

async function attempt(run: Check, signal: AbortSignal, log: Log, tools: CheckWorkTools): Promise<CheckOutcome> {
  const host = await tools.findHost(run.host);
  if ('kind' in host) return { kind: 'failed', failure: host };
  const inTime = AbortSignal.timeout(Math.max(0, run.deadline.getTime() - tools.checking.now().getTime()));
  const request = { host, interval: run.interval, signal: AbortSignal.any([signal, inTime]) };
  const { checking, plansFixes } = tools;
  const judge: Judge = (samples, about, last) =>
    checking.examine({ samples, about, wants: { verdicts: true, plans: last && plansFixes, measures: null } });
  return checkHost(
    request,
    { ...checking, judge },
    {
      onProgress: (progress) => {
        if (progress.kind === 'sampling') log.stage('first-sample');
        if (progress.kind === 'judging') log.stage('judging');
      },
      onFirstReport: log.first,
    },
  );
}

type Log = ReturnType<typeof follow>;

/** Writes one after the other, in the order things happened; what cannot be written is shown when the run has ended. */
function follow(run: Check, { runs, announce, onSilence }: CheckWorkTools) {
  let last: Promise<unknown> = Promise.resolve();
  let stage: Stage = 'connecting';
  let soon: NodeJS.Timeout | undefined;
  const then = (work: () => Promise<unknown>) => {
    last = last.then(work).catch(onSilence);
  };
  const forget = () => {
    clearTimeout(soon);
    soon = undefined;
  };
  const announceNow = () => {
    forget();
    then(() => announce({ kind: 'check', id: run.id }, 'now'));
  };
  const announceSoon = () => {
    soon ??= setTimeout(announceNow, SOON_MS);
  };
  return {
    announce: announceNow,
    announceSoon,
    stage(next: Stage): void {
      if (next === stage) return;
      stage = next;
      then(() => runs.advance(run, { kind: 'running', stage: next }));
      announceSoon();
    },
    first(report: Report): void {
      stage = 'second-sample';
      then(() => runs.keepFirst(run, report));
      announceNow();
    },
    written: () => last,
    [Symbol.dispose]: forget,
  };
}

async function handBack(run: Check, { runs, announce, onSilence }: CheckWorkTools, why: string): Promise<TryAgain> {
  await runs.advance(run, { kind: 'queued' }).catch(onSilence);
  await announce({ kind: 'check', id: run.id }, 'soon').catch(onSilence);
  return new TryAgain(`The check of ${run.host} is to be tried again: ${why}.`);
}

async function withDrift(run: Check, outcome: CheckOutcome, tools: CheckWorkTools): Promise<CheckOutcome> {
  if (outcome.kind !== 'report') return outcome;
  const drift = await persistently(run, tools, () => tools.findDrift(outcome.report));
  return { ...outcome, report: { ...outcome.report, drift } };
}

/** What was wanted may have been wanted while the host was looked at. */
async function askNext(
  run: Check,
  outcome: CheckOutcome,
  signal: AbortSignal,
  tools: CheckWorkTools,
): Promise<AskedFor | null> {
  if (outcome.kind !== 'report') return null;
  return persistently(run, tools, async () => {
    const next = (await tools.runs.find(run.id))?.next ?? null;
    return next === null ? null : tools.askFor(run, next, outcome, signal);
  });
}

async function end(run: Check, outcome: CheckOutcome, asked: AskedFor | null, tools: CheckWorkTools): Promise<void> {
  const { runs, reports } = tools;
  await persistently(run, tools, async () => {
    if (outcome.kind === 'report')
      await reports.save({ id: run.id, report: outcome.report, actor: run.actor, proposals: outcome.proposals });
    await runs.end(run, endOf(run, outcome, asked, tools.checking.now()));
  });
}

function endOf(run: Check, outcome: CheckOutcome, asked: AskedFor | null, now: Date): EndState {
  if (outcome.kind === 'report') return { kind: 'reported', asked };
  if (outcome.failure.kind === 'aborted' && now >= run.deadline) return { kind: 'lost', why: 'deadline' };
  return { kind: 'failed', failure: outcome.failure };
}

/** What was found out must not be lost because Redis is being restarted: it is written again until it is too late. */
async function persistently<T>(
  run: Check,
  { checking, onSilence }: CheckWorkTools,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreDown) || checking.now() > run.deadline) throw error;
      onSilence(error);
      await sleep(RETRY_STORE_MS);
    }
  }
}
