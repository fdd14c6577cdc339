/** Brings a card to the truth, from whatever it shows now: posts it, edits it, tells the thread how its run ended. Anyone may ask, any number of times. */

import type { Store, StoredReport } from '#app/check-ports.ts';
import { firstUnready, offerFixes } from '#app/offer-fixes.ts';
import type { Card } from '#domain/card.ts';
import { type Check, hasEnded } from '#domain/check.ts';
import { compareReports } from '#domain/compare-reports.ts';
import { checkCard } from '#render/slack/check-card.ts';
import type { SlackMessage } from '#render/slack/message.ts';
import type { ShownCheck } from '#render/slack/shown-check.ts';
import { threadReply } from '#render/slack/thread-reply.ts';
import type { EditBudget } from './edit-budget.ts';
import { refusalOf } from './post.ts';
import type { Desk, Presented } from './tools.ts';
import { uploadReport } from './upload-report.ts';

export type PresentTools = Pick<Desk, 'store' | 'announce' | 'client' | 'sendOnce' | 'voice' | 'fullReport' | 'log'> & {
  readonly budget: EditBudget;
};

/** The message was removed, or we were: nothing can be shown there any more. */
const GONE = new Set([
  'message_not_found',
  'cant_update_message',
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'thread_not_found',
  'restricted_action',
  'edit_window_closed',
]);
/** A fault of ours, which must not cost the person the verdict: the same in plain text. */
const MALFORMED = new Set(['invalid_blocks', 'msg_blocks_too_long', 'msg_too_long', 'invalid_arguments']);

export async function presentCard(id: string, tools: PresentTools): Promise<Presented> {
  return (await tools.store.cards.alone(id, () => bringUpToDate(id, tools))) ?? 'busy';
}

/**
 * Again until nothing has changed meanwhile: what happens while Slack answers is announced to nobody else. Progress that
 * goes on is left to the next announcement, which waits for what comes after it.
 */
async function bringUpToDate(id: string, tools: PresentTools): Promise<Presented> {
  const { cards, runs } = tools.store;
  for (;;) {
    const card = await cards.find(id);
    const run = card && (await runs.find(card.run));
    if (card === undefined || run === undefined) {
      await cards.settle(id);
      return 'shown';
    }
    const step = nextStep(card, run, tools.budget);
    if (step === 'settle') await cards.settle(id);
    if (step === 'settle' || step === 'nothing') return 'shown';
    try {
      await take(step, card, run, tools);
      if (step === 'edit' && !hasEnded(run)) return await leaveTheRest(card, tools);
    } catch (error) {
      if (!GONE.has(refusalOf(error) ?? '')) throw error;
      tools.log.warn(
        { run: run.id, channel: card.place.channel, slack: refusalOf(error) },
        'a card cannot be shown any more',
      );
      await cards.settle(id);
      return 'refused';
    }
  }
}

async function leaveTheRest({ id, run }: Card, { store, announce }: PresentTools): Promise<Presented> {
  const [card, latest] = await Promise.all([store.cards.find(id), store.runs.find(run)]);
  if (card !== undefined && latest !== undefined && card.shown < latest.revision)
    await announce(run, hasEnded(latest) ? 'now' : 'soon');
  return 'shown';
}

type Step = 'post' | 'edit' | 'tell' | 'settle' | 'nothing';

function nextStep(card: Card, run: Check, budget: EditBudget): Step {
  if (card.message === null) return 'post';
  if (card.shown < run.revision) return hasEnded(run) || budget.take() ? 'edit' : 'nothing';
  if (!hasEnded(run)) return 'nothing';
  return card.told ? 'settle' : 'tell';
}

async function take(step: 'post' | 'edit' | 'tell', card: Card, run: Check, tools: PresentTools): Promise<void> {
  const shown = await gather(card, run, tools.store);
  if (step === 'tell') return tellThread(card, shown, tools);
  const message = checkCard(shown, tools.voice(card.language));
  const posted = step === 'post' ? await post(card, message, tools) : await edit(card, message, tools);
  await tools.store.cards.change(card.id, { message: posted, shown: run.revision });
}

async function gather(card: Card, run: Check, { reports }: Store): Promise<ShownCheck> {
  const stored = run.state.kind === 'reported' ? await reports.find(run.id) : undefined;
  const askedBy = card.askedBy;
  if (stored === undefined) return { run, report: null, comparison: null, fixes: [], askedBy };
  const { report } = stored;
  const lately = await reports.ofHost(run.host, 3);
  const previous = lately.find((each) => each.id !== run.id && each.report.startedAt < report.startedAt);
  const comparison = previous === undefined ? null : compareReports(previous.report, report);
  return { run, report, comparison, ...offeredFixes(stored), askedBy };
}

/** Those that answer something that was found, and have a plan. */
function offeredFixes({ report, proposals = [] }: StoredReport): Pick<ShownCheck, 'fixes' | 'unready'> {
  const fixes = [...new Set([...offerFixes(report, proposals).values()].flat())];
  return { fixes, unready: firstUnready(proposals, fixes) };
}

function post(card: Card, message: SlackMessage, { sendOnce, log }: PresentTools): Promise<string> {
  const { channel, thread } = card.place;
  const place = { channel, unfurl_links: false, unfurl_media: false, ...(thread !== null && { thread_ts: thread }) };
  return orInPlainText(message, log, async (said) => {
    const { ts } = await sendOnce((client) => client.chat.postMessage({ ...place, ...said }));
    if (ts === undefined) throw new Error('Slack took a message and did not say which it is.');
    return ts;
  });
}

/** An edit may be made twice without harm: the client repeats it by itself. */
function edit(card: Card, message: SlackMessage, { client, log }: PresentTools): Promise<string> {
  const ts = card.message ?? '';
  return orInPlainText(message, log, async (said) => {
    await client.chat.update({ channel: card.place.channel, ts, ...said });
    return ts;
  });
}

async function orInPlainText(
  message: SlackMessage,
  log: PresentTools['log'],
  send: (said: SlackMessage) => Promise<string>,
): Promise<string> {
  try {
    return await send(message);
  } catch (error) {
    if (!MALFORMED.has(refusalOf(error) ?? '')) throw error;
    log.error({ err: error }, 'Slack refused our blocks; the same is shown in plain text');
    return send({ text: message.text, blocks: [] });
  }
}

/** Marked before it is sent: better untold once, with the card there to see, than told twice. */
async function tellThread(card: Card, shown: ShownCheck, tools: PresentTools): Promise<void> {
  const { cards } = tools.store;
  await cards.change(card.id, { told: true });
  const place = { channel: card.place.channel, thread: card.place.thread ?? card.message };
  const { omitted } = threadReply(shown, false, tools.voice(card.language));
  const withFile = omitted > 0 && (await attachReport(card, shown, place, tools));
  const { text, blocks } = threadReply(shown, withFile, tools.voice(card.language));
  try {
    await post({ ...card, place }, { text, blocks }, tools);
  } catch (error) {
    if (refusalOf(error) !== undefined) await cards.change(card.id, { told: false });
    throw error;
  }
}

/** False when Slack takes no file there, as in a channel that we are no member of. */
async function attachReport(
  { language }: Card,
  { report, run }: ShownCheck,
  place: Card['place'],
  tools: PresentTools,
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
