/** Which fixes answer which findings of a report. Pure. */
import type { Unready } from '#domain/helper-state.ts';
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

/** Why the host would not take one of these fixes; null when it would take all of them, or nobody could look. */
export function firstUnready(proposals: readonly Proposal[], fixes: readonly string[]): Unready | null {
  const plans = proposals.flatMap((each) => (each.kind === 'plan' && fixes.includes(each.plan.fix) ? [each] : []));
  return plans.find(({ unready }) => unready)?.unready ?? null;
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
