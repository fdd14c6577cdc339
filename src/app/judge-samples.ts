/** From what came over the wire to a report: parse, judge, gather what could not be read. Pure. */
import type { Diagnosis } from '#diagnosis/diagnosis.ts';
import { judge } from '#diagnosis/engine.ts';
import type { Evidence, RawSample, Sample, Source } from '#domain/evidence.ts';
import type { CheckFailure, Report, Unread } from '#domain/report.ts';
import type { HostFacts } from '#evidence/host.ts';
import { parseSample } from '#evidence/sources.ts';

export type RawSamples = readonly [RawSample] | readonly [RawSample, RawSample];

export interface Knowledge {
  readonly catalogue: readonly Diagnosis[];
  readonly sources: readonly Source<unknown>[];
}

export interface CheckedHost {
  readonly host: string;
  readonly hostKey: string | null;
  readonly startedAt: Date;
  /** Seconds between the samples. */
  readonly interval: number;
  readonly interruption: CheckFailure | null;
}

export function judgeSamples(raw: RawSamples, about: CheckedHost, { catalogue, sources }: Knowledge): Report {
  const evidence = parseSamples(raw, sources);
  return reportOf(evidence, about, judge(catalogue, evidence));
}

export function reportOf(evidence: Evidence, about: CheckedHost, verdicts: Report['verdicts']): Report {
  const facts = hostFacts(evidence);
  return {
    ...about,
    samples: evidence.samples.length,
    kernel: facts?.kernel ?? null,
    distribution: facts?.distribution?.name ?? null,
    verdicts,
    unreadable: evidence.samples.flatMap((sample, index) => unread(sample, index === 0 ? 1 : 2)),
    drift: null,
  };
}

export function parseSamples([first, second]: RawSamples, sources: readonly Source<unknown>[]): Evidence {
  if (second === undefined) return { samples: [parseSample(first, sources)] };
  return { samples: [parseSample(first, sources), parseSample(second, sources)] };
}

function hostFacts({ samples: [first] }: Evidence): HostFacts | undefined {
  const reading = first.readings['host'];
  return reading?.kind === 'read' ? (reading.value as HostFacts) : undefined;
}

function unread({ readings }: Sample, sample: 1 | 2): readonly Unread[] {
  return Object.entries(readings).flatMap(([source, reading]) =>
    reading.kind === 'unreadable' || reading.kind === 'garbled'
      ? [{ source, sample, code: reading.reason.code, what: reading.reason.what }]
      : [],
  );
}
