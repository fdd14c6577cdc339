/** Checks a host and asks the fixes for their plans: what the button of a card would propose, without a bot. */
import { type Unready, whyUnready } from '#domain/helper-state.ts';
import type { Proposal } from '#domain/plan.ts';
import type { Report } from '#domain/report.ts';
import type { Fix } from '#fixes/fix.ts';
import { helperIn, planFixes } from '#fixes/plan-fix.ts';
import { type CheckOutcome, type CheckProgress, type CheckRequest, type CheckTools, checkHost } from './check-host.ts';
import { parseSamples } from './judge-samples.ts';

export type Planned =
  | {
      readonly kind: 'planned';
      readonly report: Report;
      readonly proposals: readonly Proposal[];
      /** Why the host takes no change at all; null also when that could not be looked at. */
      readonly unready: Unready | null;
    }
  | Extract<CheckOutcome, { kind: 'failed' }>;

/** Never throws for anything that can happen to a host or a network. */
export async function planHost(
  request: CheckRequest,
  fixes: readonly Fix[],
  tools: CheckTools,
  onProgress: (progress: CheckProgress) => void = () => {},
): Promise<Planned> {
  const outcome = await checkHost(request, tools, { onProgress });
  if (outcome.kind === 'failed') return outcome;
  const evidence = parseSamples(outcome.samples, tools.sources);
  return {
    kind: 'planned',
    report: outcome.report,
    proposals: planFixes(fixes, request.host.name, evidence),
    unready: whyUnready(helperIn(evidence), 1),
  };
}
