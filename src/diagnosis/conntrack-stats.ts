/** Growth of the connection tracking counters between two samples. */
import type { Delta } from '#domain/evidence.ts';
import type { Reading } from '#domain/reading.ts';
import type { Conntrack } from '#evidence/conntrack.ts';

/** Null when there is no pair of samples, the kernel does not print the column, or the module was loaded anew in between. */
export function statGrowth(change: Reading<Delta<Conntrack>>, column: string): number | null {
  if (change.kind !== 'read') return null;
  const [before, after] = [change.value.before.stats[column], change.value.after.stats[column]];
  return before === undefined || after === undefined || after < before ? null : after - before;
}

/** The same a second. */
export function perSecondOf(growth: number | null, change: Reading<Delta<Conntrack>>): number | null {
  if (growth === null || change.kind !== 'read' || change.value.seconds <= 0) return null;
  return growth / change.value.seconds;
}
