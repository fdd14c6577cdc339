/** Evidence: what one check read from one host, as samples of readings. */
import type { Missing, Reading } from '#domain/reading.ts';

/**
 * One thing a host can be asked, in the way that costs it least: files, which one process reads for all sources together;
 * a probe, which answers one source or several; or else a script of its own. `cadence`: asked with both samples, with the
 * first, between the two, or all through the interval; the last two are filed with the second. `parse` is pure: it never
 * throws, and names the line it cannot read.
 */
export type Source<T> = {
  readonly name: string;
  readonly parse: (text: string) => Reading<T>;
} & (
  | { readonly cadence: 'each' | 'first'; readonly files: readonly Files[] }
  | { readonly cadence: 'between'; readonly script: string }
  | { readonly cadence: 'each' | 'first' | 'through'; readonly probe: Probe }
);

/** A POSIX sh script, asked once a sample, that prints the sections of every source that names it: docs/architecture.md says how. */
export interface Probe {
  readonly script: string;
}

/** Small files, whose lines become the section's, in this order. Nothing here may hold a tilde, nor a path a blank. */
export interface Files {
  /** The directory, with its last slash, for paths that do not begin with one. */
  readonly under?: string;
  readonly paths: readonly string[];
  /** What is put before each line; `@` is the path as given above. */
  readonly label?: string;
  /** An awk pattern: only lines that match. It must do without [[:space:]], which mawk 1.3.3 does not know. */
  readonly keep?: string;
  /**
   * `need`: without the file the whole section is missing. `tell`: a line says which path was absent, not permitted or
   * failed. `sum`: columns of hexadecimal numbers under their names, a row a CPU; the sums are printed. `look`: not read;
   * where the link points, else the mode, as ls prints it; `uname` is
   * the machine's name. Otherwise a file that is not there has no lines.
   */
  readonly how?: 'need' | 'tell' | 'sum' | 'look';
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
