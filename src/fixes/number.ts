/** Numbers of a proof: taken from the evidence, never guessed. null = could not be measured. */
import { type Delta, perSecond } from '#domain/evidence.ts';
import { fact, type Scalar } from '#domain/fact.ts';
import type { Reading } from '#domain/reading.ts';

/** Growth of a counter, per second between the two samples. */
export function rateOf(counter: Reading<Delta<number>>, from: string): Scalar {
  return fact(
    counter.kind === 'read' ? perSecond(counter.value) : null,
    'per-second',
    `${from} / seconds between the samples`,
  );
}

/** Two counters' growth, one less the other: SYNs that were dropped for another reason than a full accept queue. */
export function rateOfDifference(more: Reading<Delta<number>>, less: Reading<Delta<number>>, from: string): Scalar {
  const known = more.kind === 'read' && less.kind === 'read';
  return fact(known ? Math.max(0, perSecond(more.value) - perSecond(less.value)) : null, 'per-second', from);
}

/** What a goal is compared with; null for text, and for what is not known. */
export function numberIn(scalar: Scalar | undefined): number | null {
  return typeof scalar?.value === 'number' ? scalar.value : null;
}
