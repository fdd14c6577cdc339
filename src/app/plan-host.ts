/** Checks a host and asks the fixes for their plans: what the button of a card would propose, without a bot. */
import type { Proposal } from '#domain/plan.ts';
import type { Fix } from '#fixes/fix.ts';
import { planFixes } from '#fixes/plan-fix.ts';
import { type CheckOutcome, type CheckProgress, type CheckRequest, type CheckTools, checkHost } from './check-host.ts';
import { parseSamples } from './judge-samples.ts';

export type Planned =
  | { readonly kind: 'planned'; readonly proposals: readonly Proposal[] }
  | Extract<CheckOutcome, { kind: 'failed' }>;

/** Never throws for anything that can happen to a host or a network. */
export async function planHost(
  request: CheckRequest,
  fixes: readonly Fix[],
  tools: Omit<CheckTools, 'catalogue'>,
  onProgress: (progress: CheckProgress) => void = () => {},
): Promise<Planned> {
  const outcome = await checkHost(request, { ...tools, catalogue: Promise.resolve([]) }, { onProgress });
  if (outcome.kind === 'failed') return outcome;
  const evidence = parseSamples(outcome.samples, tools.sources);
  return { kind: 'planned', proposals: planFixes(fixes, request.host.name, evidence) };
}
