/** Somebody asks for a fix: the plan that a check made of it is proposed, while its evidence is fresh. */
import type { CheckId } from '#domain/check.ts';
import type { Proposal } from '#domain/plan.ts';
import type { Report } from '#domain/report.ts';
import { SYSCTL } from '#kinds/sysctl/kind.ts';
import type { Reports, StoredReport } from './check-ports.ts';
import { type Asking, type ProposalRefusal, type Proposed, type ProposeTools, propose } from './propose.ts';
import { kindOf } from './transition.ts';

export interface FixWanted {
  readonly run: CheckId;
  readonly fix: string;
}

/** A plan is made from evidence, and evidence grows old. */
const FRESH_MS = 30 * 60_000;

/** Rejects with a StoreDown. */
export async function proposeFix(
  wanted: FixWanted,
  asking: Asking,
  tools: ProposeTools & { readonly reports: Reports },
): Promise<Proposed> {
  const found = findPlan(await tools.reports.find(wanted.run), wanted.fix, tools.now());
  if (typeof found === 'string') return { kind: 'refused', why: found };
  const { plan, unready = null, hostKey } = found;
  const kind = kindOf({ kind: SYSCTL }, tools.kinds);
  const hosts = { target: { host: plan.host, hostKey } };
  return propose({ kind, plan, run: wanted.run, hosts, reverts: null, unready }, asking, tools);
}

export function isTooOld({ startedAt }: Pick<Report, 'startedAt'>, now: Date): boolean {
  return now.getTime() - startedAt.getTime() > FRESH_MS;
}

type PlanProposal = Extract<Proposal, { kind: 'plan' }>;

export function planFor(fix: string, proposals: readonly Proposal[] = []): PlanProposal | undefined {
  return proposals.filter((each) => each.kind === 'plan').find(({ plan }) => plan.fix === fix);
}

function findPlan(
  stored: StoredReport | undefined,
  fix: string,
  now: Date,
): (PlanProposal & { readonly hostKey: string }) | ProposalRefusal {
  if (stored === undefined) return 'unknown-report';
  const proposal = planFor(fix, stored.proposals);
  if (proposal === undefined) return 'no-plan';
  const { hostKey } = stored.report;
  // A report of an earlier version does not say which host it was.
  return isTooOld(stored.report, now) || hostKey === null ? 'old-evidence' : { ...proposal, hostKey };
}
