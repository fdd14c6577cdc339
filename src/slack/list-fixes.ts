/** What /tcp fix can offer for a host: the proposals of its newest check, beside the changes that there have been since. */
import type { StoredReport } from '#app/check-ports.ts';
import { firstUnready } from '#app/offer-fixes.ts';
import { isTooOld } from '#app/propose-fix.ts';
import { sortProposals } from '#app/sort-proposals.ts';
import { type Change, hostNeeded, isProposal } from '#domain/change.ts';
import type { Proposal } from '#domain/plan.ts';
import { isSysctl } from '#kinds/sysctl/kind.ts';
import type { ShownFixes } from '#render/slack/fixes-list.ts';
import type { Desk } from './tools.ts';

const MOST_CHANGES = 20;

/** Rejects with a StoreDown. */
export async function listFixes(
  { id: run, report }: StoredReport,
  proposals: readonly Proposal[],
  { changes, cures, now: clock }: Desk,
): Promise<ShownFixes> {
  const { host, startedAt: checkedAt, verdicts } = report;
  const { plans, blocked, unknown, notApplicable } = sortProposals(proposals, verdicts, cures);
  const newestFirst = await changes.store.changes.ofHost(host, MOST_CHANGES);
  const now = clock();
  return {
    host,
    run,
    checkedAt,
    now,
    isTooOld: isTooOld(report, now),
    plans,
    blocked,
    unknown,
    unready: firstUnready(
      proposals,
      plans.map(({ fix }) => fix),
    ),
    notApplicable: notApplicable.length,
    change: whatMatters(newestFirst, checkedAt),
  };
}

/** What has the host comes first, then what makes the evidence untrue, then what waits. */
function whatMatters(changes: readonly Change[], checkedAt: Date): ShownFixes['change'] {
  const live = changes.find((each) => hostNeeded(each) === each.host);
  if (live !== undefined) return matter('under-way', live);
  const kept = changes.find(({ state }) => state.kind === 'ended' && state.end.how === 'done' && state.at > checkedAt);
  if (kept !== undefined) return matter('kept-since', kept);
  const proposed = changes.find(isProposal);
  return proposed === undefined ? null : matter('proposed', proposed);
}

function matter(kind: NonNullable<ShownFixes['change']>['kind'], change: Change): ShownFixes['change'] {
  return { kind, change, fix: isSysctl(change) ? change.plan.fix : null };
}
