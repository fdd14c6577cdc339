/** How a check is shown: its card as it goes on, and its details in the thread when it has ended. */
import type { StoredReport } from '#app/check-ports.ts';
import { firstUnready, offerFixes } from '#app/offer-fixes.ts';
import { callsForKernel } from '#app/offer-kernel.ts';
import { kernelTarget } from '#app/request-kernel.ts';
import { ruleFor } from '#change/policy.ts';
import type { Card, CardPlace } from '#domain/card.ts';
import { type Check, type CheckId, hasEnded } from '#domain/check.ts';
import { compareReports } from '#domain/compare-reports.ts';
import { wordFindings } from '#render/document.ts';
import { checkCard } from '#render/slack/check-card.ts';
import type { SlackMessage } from '#render/slack/message.ts';
import type { ShownCheck } from '#render/slack/shown-check.ts';
import { threadReply } from '#render/slack/thread-reply.ts';
import type { Shown } from './present-card.ts';
import type { Desk } from './tools.ts';
import { uploadReport } from './upload-report.ts';

type Tools = Pick<Desk, 'store' | 'client' | 'voice' | 'fullReport' | 'log' | 'changes' | 'inventory'>;

export async function lookAtCheck(id: CheckId, card: Card, tools: Tools): Promise<Shown | undefined> {
  const run = await tools.store.runs.find(id);
  if (run === undefined) return undefined;
  const isOver = hasEnded(run);
  // Read and put into words once, for the card and for its thread.
  let gathered: Promise<ShownCheck> | undefined;
  const gatherOnce = () => {
    gathered ??= gather(card, run, tools);
    return gathered;
  };
  return {
    revision: run.revision,
    progress: '',
    isOver,
    isProgress: !isOver,
    isFinal: isOver,
    draw: async () => checkCard(await gatherOnce(), tools.voice(card.language)),
    tellings: () =>
      isOver ? [{ key: 'ended', say: async (place) => reply(card, place, await gatherOnce(), tools) }] : [],
  };
}

async function gather({ askedBy, language }: Card, run: Check, tools: Tools): Promise<ShownCheck> {
  const { runs, reports } = tools.store;
  const { vocabulary } = tools.voice(language);
  const stored = run.state.kind === 'reported' ? await reports.find(run.id) : undefined;
  if (stored === undefined) {
    const first = hasEnded(run) ? undefined : await runs.findFirst(run.id);
    const document = first === undefined ? null : wordFindings(first, vocabulary);
    return { run, report: null, document, comparison: null, fixes: [], askedBy };
  }
  const { report } = stored;
  const document = wordFindings(report, vocabulary);
  const previous = await reports.before(report);
  const comparison = previous === undefined ? null : compareReports(previous, report);
  const kernel = callsForKernel(report) && mayBeBuilt(run.host, tools);
  return { run, report, document, comparison, ...offeredFixes(stored), kernel, askedBy };
}

/** By somebody: who may ask is said when it is pressed. */
function mayBeBuilt(host: string, { changes, inventory }: Tools): boolean {
  return ruleFor(changes.policy, kernelTarget(inventory().groupsOf(host))) !== undefined;
}

/** Those that answer something that was found, and have a plan. */
function offeredFixes({ report, proposals = [] }: StoredReport): Pick<ShownCheck, 'fixes' | 'unready'> {
  const fixes = [...new Set([...offerFixes(report, proposals).values()].flat())];
  return { fixes, unready: firstUnready(proposals, fixes) };
}

/** What does not fit into it is in a file that is put into the thread first. */
async function reply(card: Card, place: CardPlace, shown: ShownCheck, tools: Tools): Promise<SlackMessage> {
  const voice = tools.voice(card.language);
  const { omitted, ...message } = threadReply(shown, false, voice);
  if (omitted === 0 || !(await attachReport(card, shown, place, tools))) return message;
  const { text, blocks } = threadReply(shown, true, voice);
  return { text, blocks };
}

/** False when Slack takes no file there, as in a channel that we are no member of. */
async function attachReport(
  { language }: Card,
  { report, run }: ShownCheck,
  place: CardPlace,
  tools: Tools,
): Promise<boolean> {
  if (report === null) return false;
  return uploadReport(report, run.id, place, language, tools).then(
    () => true,
    (error: unknown) => {
      tools.log.warn({ err: error, run: run.id }, 'the full report could not be put into the thread');
      return false;
    },
  );
}
