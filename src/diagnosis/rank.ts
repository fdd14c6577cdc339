/** The order of verdicts in a report: findings by severity, then what is unknown, then what is ruled out; ties by theme. */
import type { Verdict } from '#domain/verdict.ts';
import { AREAS, type Diagnosis } from './diagnosis.ts';

const SEVERITY = { crit: 0, warn: 1, info: 2 } as const;

export function byRank(catalogue: readonly Diagnosis[]): (a: Verdict, b: Verdict) => number {
  const places = new Map(
    catalogue.map((diagnosis, index) => [diagnosis.id, AREAS.indexOf(diagnosis.area) * 1000 + index]),
  );
  const place = (verdict: Verdict) => places.get(verdict.id) ?? 0;
  return (a, b) => weight(a) - weight(b) || place(a) - place(b);
}

function weight(verdict: Verdict): number {
  if (verdict.kind === 'found') return SEVERITY[verdict.severity];
  return verdict.kind === 'unknown' ? 3 : 4;
}
