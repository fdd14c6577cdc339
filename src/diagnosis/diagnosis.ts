/** The contract of a diagnosis: what it needs, and a pure judge that gets exactly that. */
import type { Delta } from '#domain/evidence.ts';
import type { Reading } from '#domain/reading.ts';
import type { Judgement } from '#domain/verdict.ts';
import type { ReadingKey, ReadingValue } from './reading-key.ts';

/** Themes by which the catalogue is grouped, in the order a page shows them. */
export const AREAS = [
  'ports',
  'time-wait',
  'accept-queue',
  'syn',
  'limits',
  'connections',
  'memory',
  'nat',
  'configuration',
] as const;

export type Area = (typeof AREAS)[number];

/** The readings that a rule or a fix asks for. `needs*` are handed over as values or the verdict is unknown; `uses*` as readings the rule looks into itself. */
export interface Wants<N extends ReadingKey, C extends ReadingKey, U extends ReadingKey, D extends ReadingKey> {
  /** Read once: the newest sample's value. */
  readonly needs?: readonly N[];
  /** Read twice: the change between the samples. Unknown until the second sample, and when counters were reset between. */
  readonly needsChange?: readonly C[];
  readonly uses?: readonly U[];
  readonly usesChange?: readonly D[];
}

/** What the judge gets: exactly what it asked for, under the names it asked with. */
export interface Given<N extends ReadingKey, C extends ReadingKey, U extends ReadingKey, D extends ReadingKey> {
  readonly now: { readonly [K in N]: ReadingValue<K> };
  readonly change: { readonly [K in C]: Delta<ReadingValue<K>> };
  readonly maybe: { readonly [K in U]: Reading<ReadingValue<K>> };
  readonly maybeChange: { readonly [K in D]: Reading<Delta<ReadingValue<K>>> };
}

interface Rule<N extends ReadingKey, C extends ReadingKey, U extends ReadingKey, D extends ReadingKey>
  extends Wants<N, C, U, D> {
  /** Folder name, page address, and the id in reports. */
  readonly id: string;
  readonly area: Area;
  /** Findings this one accounts for, nearest first: they are shown under it, not beside it. */
  readonly explains?: readonly string[];
  readonly judge: (given: Given<N, C, U, D>) => Judgement;
}

/** What is asked for, as the engine sees it. */
export type Wanted = Readonly<Record<keyof Wants<never, never, never, never>, readonly ReadingKey[]>>;

export const NO_READINGS: Wanted = { needs: [], needsChange: [], uses: [], usesChange: [] };

/** A diagnosis as the engine sees it, whatever it asks for. */
export interface Diagnosis extends Wanted {
  readonly id: string;
  readonly area: Area;
  readonly explains: readonly string[];
  /** The engine builds `given` from the four lists above, which is what makes this erasure of types sound. */
  readonly judge: (given: Given<never, never, never, never>) => Judgement;
}

export function defineDiagnosis<
  const N extends ReadingKey = never,
  const C extends ReadingKey = never,
  const U extends ReadingKey = never,
  const D extends ReadingKey = never,
>(rule: Rule<N, C, U, D>): Diagnosis {
  return { ...NO_READINGS, explains: [], ...rule, judge: rule.judge as Diagnosis['judge'] };
}
