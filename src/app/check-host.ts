/** Checks one host: one script over one connection, judged after the first sample and again at the end. */
import type { RawSample } from '#domain/evidence.ts';
import type { Host } from '#domain/host.ts';
import type { CheckFailure, Report } from '#domain/report.ts';
import type { RunResult } from '#domain/run.ts';
import { buildCollector } from '#host/collector.ts';
import { readCollector } from '#host/collector-stream.ts';
import { judgeSamples, type Knowledge, type RawSamples } from './judge-samples.ts';
import type { RunOnHost } from './ports.ts';
import { runFailure } from './run-failure.ts';

/** What a collection may take beyond the interval: all fragments at their time limits. */
const MARGIN_SECONDS = 45;
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
  readonly knowledge: Knowledge;
  readonly now: () => Date;
  /** Random letters and digits, so that nothing a host prints can be taken for the frame. */
  readonly boundary: () => string;
}

export type CheckProgress =
  | { readonly kind: 'sampling'; readonly sample: number; readonly source: string }
  | { readonly kind: 'waiting'; readonly seconds: number }
  | { readonly kind: 'judging' };

export interface CheckWatcher {
  readonly onProgress?: (progress: CheckProgress) => void;
  /** The first sample's report, while the second is still to come. */
  readonly onFirstReport?: (report: Report) => void;
}

export type CheckOutcome =
  | { readonly kind: 'report'; readonly report: Report; readonly samples: RawSamples }
  | { readonly kind: 'failed'; readonly failure: CheckFailure };

/** Never throws for anything that can happen to a host or a network. */
export async function checkHost(
  request: CheckRequest,
  tools: CheckTools,
  watcher: CheckWatcher,
): Promise<CheckOutcome> {
  const { host, interval } = request;
  const about = { host: host.name, startedAt: tools.now(), interval, interruption: null };
  const boundary = tools.boundary();
  let complete = 0;
  const stream = readCollector(boundary, (event) => {
    if (event.kind === 'began') watcher.onProgress?.({ kind: 'sampling', ...pick(event) });
    else complete = event.number;
    if (event.kind !== 'sample' || event.number !== 1) return;
    watcher.onFirstReport?.(judgeSamples([event.sample], about, tools.knowledge));
    watcher.onProgress?.({ kind: 'waiting', seconds: interval });
  });
  const result = await run(request, tools, boundary, stream.push);
  const samples = usable(stream.end(), complete);
  const failure = complete === 2 ? null : runFailure(result, host, deadline(interval), MAX_KILOBYTES);
  if (samples === undefined) return { kind: 'failed', failure: failure ?? runFailure(result, host, 0, 0) };
  if (failure?.kind === 'aborted') return { kind: 'failed', failure };
  watcher.onProgress?.({ kind: 'judging' });
  return {
    kind: 'report',
    report: judgeSamples(samples, { ...about, interruption: failure }, tools.knowledge),
    samples,
  };
}

function run(
  { host, interval, signal }: CheckRequest,
  tools: CheckTools,
  boundary: string,
  onStdout: (text: string) => void,
): Promise<RunResult> {
  const script = buildCollector({ sources: tools.knowledge.sources, intervalSeconds: interval, boundary });
  return tools.run(host, {
    input: { kind: 'script', script },
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

function pick({ sample, source }: { sample: number; source: string }): { sample: number; source: string } {
  return { sample, source };
}
