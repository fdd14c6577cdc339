/** Which fixes answer which findings of a report. Pure. */
import type { Proposal } from '#domain/plan.ts';
import type { Report } from '#domain/report.ts';
import type { Fix } from '#fixes/fix.ts';
import { planFixes } from '#fixes/plan-fix.ts';
import { type Knowledge, parseSamples, type RawSamples } from './judge-samples.ts';

/** By the finding's id; a finding that no fix answers is not in it. */
export type OfferedFixes = ReadonlyMap<string, readonly string[]>;

export function offerFixes({ verdicts }: Report, proposals: readonly Proposal[]): OfferedFixes {
  const found = verdicts.flatMap((verdict) => (verdict.kind === 'found' ? [verdict.id] : []));
  const offers = found.map((id) => [id, fixesOf(id, proposals)] as const);
  return new Map(offers.filter(([, fixes]) => fixes.length > 0));
}

function fixesOf(id: string, proposals: readonly Proposal[]): readonly string[] {
  return proposals.flatMap((proposal) =>
    proposal.kind === 'plan' && proposal.cures.includes(id) ? [proposal.plan.fix] : [],
  );
}

/** The same from what came over the wire. */
export function offersFrom(
  report: Report,
  samples: RawSamples,
  fixes: readonly Fix[],
  { sources }: Pick<Knowledge, 'sources'>,
): OfferedFixes {
  return offerFixes(report, planFixes(fixes, report.host, parseSamples(samples, sources)));
}
