/** Checks one host: one script over one connection, judged after the first sample and again at the end. */
import { randomUUID } from 'node:crypto';
import type { CommandResult } from '#domain/command.ts';
import type { RawSample, Source } from '#domain/evidence.ts';
import type { Host } from '#domain/host.ts';
import type { CheckFailure, Report } from '#domain/report.ts';
import { buildCollector } from '#host/collector.ts';
import { type CollectorEvent, readCollector } from '#host/collector-stream.ts';
import { commandFailure } from './command-failure.ts';
import type { Answer, Examined } from './examine.ts';
import { type CheckedHost, judgeSamples, type Knowledge, type RawSamples } from './judge-samples.ts';
import type { RunOnHost } from './ports.ts';

const LIMIT_SECONDS = 10;
/** What a collection may take beyond the interval: the socket table twice, and each script at its limit. */
const MARGIN_SECONDS = 90;
/** Kilobytes after which a run is ended; a collection is a few, a login banner may add some. */
const MAX_KILOBYTES = 1024;

export interface CheckRequest {
  readonly host: Host;
  /** Whole seconds between the samples. */
  readonly interval: number;
  readonly signal?: AbortSignal;
}

export interface CheckTools {
  readonly run: RunOnHost;
  readonly sources: readonly Source<unknown>[];
  /** Judges what has come. The rules may be loaded while the host answers: the first thing a check does is connect. */
  readonly judge: Judge;
  readonly now: () => Date;
}

/** `last`: nothing more is to come, so what else is wanted is asked for as well. */
export type Judge = (samples: RawSamples, about: CheckedHost, last: boolean) => Promise<Examined>;

/** On this thread, which is right for a process that checks one host and ends. */
export function judgeHere(sources: Knowledge['sources'], catalogue: Promise<Knowledge['catalogue']>): Judge {
  return async (samples, about) => {
    const report = judgeSamples(samples, about, { sources, catalogue: await catalogue });
    return { kind: 'answer', report, proposals: undefined, measures: undefined };
  };
}

export type CheckProgress =
  | { readonly kind: 'sampling'; readonly source: string }
  | { readonly kind: 'waiting'; readonly seconds: number }
  | { readonly kind: 'judging' };

export interface CheckWatcher {
  readonly onProgress?: (progress: CheckProgress) => void;
  /** The first sample's report, while the second is still to come. */
  readonly onFirstReport?: (report: Report) => void;
}

export type CheckOutcome =
  | ({ readonly kind: 'report'; readonly samples: RawSamples } & Answer)
  | { readonly kind: 'failed'; readonly failure: CheckFailure };

/** Never throws for anything that can happen to a host or a network. */
export async function checkHost(
  request: CheckRequest,
  tools: CheckTools,
  watcher: CheckWatcher,
): Promise<CheckOutcome> {
  const { host, interval } = request;
  const about = { host: host.name, hostKey: null, startedAt: tools.now(), interval, interruption: null };
  // Not to be guessed, so that nothing a host prints can be taken for the frame.
  const boundary = `tcp-oncall-${randomUUID()}`;
  const watch = watchCollector(request, watcher, async (first) => {
    if (watcher.onFirstReport === undefined) return;
    const judged = await tools.judge([first], about, false);
    if (judged.kind === 'answer') watcher.onFirstReport(judged.report);
  });
  const stream = readCollector({ boundary, sources: tools.sources.map(({ name }) => name) }, watch.onEvent);
  const result = await runCollector(request, tools, boundary, stream.push);
  const complete = await watch.completeSamples();
  const failure = complete === 2 ? null : commandFailure(result, host, deadline(interval), MAX_KILOBYTES);
  const samples = usable(stream.end(), complete);
  if (failure !== null && (samples === undefined || failure.kind === 'aborted')) return { kind: 'failed', failure };
  if (samples === undefined) throw new Error('The collector reported two complete samples and gave none.');
  watcher.onProgress?.({ kind: 'judging' });
  const judged = await tools.judge(samples, { ...about, hostKey: result.hostKey, interruption: failure }, true);
  return judged.kind === 'failed' ? judged : { ...judged, kind: 'report', samples };
}

/** Follows the collector: progress to the watcher, the first sample to `onFirst` as soon as it is complete. */
function watchCollector(
  { interval }: CheckRequest,
  watcher: CheckWatcher,
  onFirst: (sample: RawSample) => Promise<void>,
) {
  let complete = 0;
  let first: Promise<void> | undefined;
  return {
    onEvent(event: CollectorEvent): void {
      if (event.kind === 'began') {
        if (event.sample === 1) watcher.onProgress?.({ kind: 'sampling', source: event.source });
        return;
      }
      complete = event.number;
      if (complete !== 1) return;
      first = onFirst(event.sample);
      watcher.onProgress?.({ kind: 'waiting', seconds: interval });
    },
    async completeSamples(): Promise<number> {
      await first;
      return complete;
    },
  };
}

function runCollector(
  { host, interval, signal }: CheckRequest,
  { run, sources }: CheckTools,
  boundary: string,
  onStdout: (text: string) => void,
): Promise<CommandResult> {
  const script = buildCollector({ sources, intervalSeconds: interval, limitSeconds: LIMIT_SECONDS, boundary });
  return run(host, {
    input: { kind: 'script', script, packed: true },
    deadlineMs: deadline(interval) * 1000,
    maxBytes: MAX_KILOBYTES * 1024,
    onStdout,
    ...(signal && { signal }),
  });
}

function deadline(interval: number): number {
  return interval + MARGIN_SECONDS;
}

/** A sample counts when its end was seen: half a second sample is no second sample. */
function usable([first, second]: readonly RawSample[], complete: number): RawSamples | undefined {
  if (first === undefined || complete === 0) return undefined;
  return second === undefined || complete < 2 ? [first] : [first, second];
}
