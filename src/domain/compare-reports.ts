/** What is different between two reports of one host. Something that is not known any more is not gone. */
import type { Severity } from '#domain/verdict.ts';

/** What of a report is compared. */
export interface Comparable {
  readonly startedAt: Date;
  readonly kernel: string | null;
  readonly verdicts: readonly Verdict[];
}

type Verdict =
  | { readonly id: string; readonly kind: 'found'; readonly severity: Severity }
  | { readonly id: string; readonly kind: 'ruled-out' | 'unknown' };

export interface Comparison {
  readonly since: Date;
  /** Ids of diagnoses, in the order of the newer report. */
  readonly appeared: readonly string[];
  readonly gone: readonly string[];
  readonly changed: readonly { readonly id: string; readonly from: Severity; readonly to: Severity }[];
  /** Found then, unknown now. */
  readonly unknownNow: readonly string[];
  /** Null when it is the same one, or not known. */
  readonly kernel: { readonly from: string; readonly to: string } | null;
}

export function compareReports(previous: Comparable, current: Comparable): Comparison {
  const before = new Map(previous.verdicts.map((verdict) => [verdict.id, verdict]));
  const pairs = current.verdicts.map((now) => ({ now, was: before.get(now.id) }));
  const wasFound = (was: Verdict | undefined) => was?.kind === 'found';
  return {
    since: previous.startedAt,
    appeared: pairs.filter(({ now, was }) => now.kind === 'found' && !wasFound(was)).map(({ now }) => now.id),
    gone: pairs.filter(({ now, was }) => now.kind === 'ruled-out' && wasFound(was)).map(({ now }) => now.id),
    unknownNow: pairs.filter(({ now, was }) => now.kind === 'unknown' && wasFound(was)).map(({ now }) => now.id),
    changed: pairs.flatMap(({ now, was }) =>
      now.kind === 'found' && was?.kind === 'found' && now.severity !== was.severity
        ? [{ id: now.id, from: was.severity, to: now.severity }]
        : [],
    ),
    kernel:
      previous.kernel !== null && current.kernel !== null && previous.kernel !== current.kernel
        ? { from: previous.kernel, to: current.kernel }
        : null,
  };
}
