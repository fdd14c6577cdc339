/** Evidence: what one check read from one host, as samples of readings. */
import type { Missing, Reading } from '#domain/reading.ts';

/** When the collector asks a source: with both samples, with the first, between the two, or all through the interval; the last two are filed with the second. */
export type Cadence = 'each' | 'first' | 'between' | 'through';

/** One thing a host can be asked. `script` is a POSIX sh fragment, `parse` is pure: it never throws, and names the line it cannot read. */
export interface Source<T> {
  readonly name: string;
  readonly cadence: Cadence;
  readonly script: string;
  /** Seconds after which the host ends the fragment, the interval not counted; 0 = no limit, for what only reads a few small files. */
  readonly limit: number;
  readonly parse: (text: string) => Reading<T>;
}

/** A fragment's output as it came over the wire: the text, or why there is none. */
export type RawReading = { readonly kind: 'text'; readonly text: string } | Missing;

/** Readings taken together, by source name. A source that was not asked is not listed. */
export interface RawSample {
  readonly readings: Readonly<Record<string, RawReading>>;
}

export interface Sample {
  readonly readings: Readonly<Record<string, Reading<unknown>>>;
}

/** One sample, or two with an interval between them. */
export interface Evidence {
  readonly samples: readonly [Sample] | readonly [Sample, Sample];
}

/** The same thing read twice; `seconds` by the host's own clock. */
export interface Delta<T> {
  readonly before: T;
  readonly after: T;
  readonly seconds: number;
}

/** Growth of a counter over the interval. */
export function delta(change: Delta<number>): number {
  return change.after - change.before;
}

/** Growth of a counter, per second. */
export function perSecond(change: Delta<number>): number {
  return change.seconds > 0 ? delta(change) / change.seconds : 0;
}
