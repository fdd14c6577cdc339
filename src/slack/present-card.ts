/** Brings a card to the truth, from whatever it shows now: posts it, edits it, tells its thread. Anyone may ask, any number of times. */
import type { Announce, Cards } from '#app/card-ports.ts';
import type { Progress } from '#app/due.ts';
import type { Card, CardPlace } from '#domain/card.ts';
import type { SlackMessage } from '#render/slack/message.ts';
import type { EditBudget } from './edit-budget.ts';
import type { EditPace } from './edit-pace.ts';
import { refusalOf } from './post.ts';
import type { Desk, Presented } from './tools.ts';

/** A check or a change as it is now, and how it is shown. */
export interface Shown extends Progress {
  /** An edit that shows nothing else may be left out: the next one shows what it would have. */
  readonly isProgress: boolean;
  /** Nothing of it changes any more: one look is enough. */
  readonly isFinal: boolean;
  readonly draw: (card: Card) => Promise<SlackMessage>;
  /** What the thread should know by now, in order; the presenter leaves out what it was told before. */
  readonly tellings: (card: Card) => readonly Telling[];
}

export interface Telling {
  /** Remembered, so that it is said once. */
  readonly key: string;
  readonly say: (place: CardPlace) => Promise<SlackMessage>;
  /** For the whole channel, not for the thread alone. */
  readonly loud?: boolean;
  /** The card looks different by it, at the same revision. */
  readonly redraws?: boolean;
}

export interface PresentTools extends Pick<Desk, 'client' | 'sendOnce' | 'log'> {
  readonly cards: Cards;
  readonly announce: Announce;
  readonly budget: EditBudget;
  /** For progress at the same revision. */
  readonly pace: EditPace;
  /** What the card should show; undefined when it is not there, or cannot be read. */
  readonly look: (card: Card) => Promise<Shown | undefined>;
}

/** The message was removed, or we were: nothing can be shown there any more. */
const GONE =
  /^(?:message_not_found|cant_update_message|channel_not_found|not_in_channel|is_archived|thread_not_found|edit_window_closed|restricted_action.*)$/;
/** A fault of ours, which must not cost the person the verdict: the same in plain text. */
const MALFORMED = new Set(['invalid_blocks', 'msg_blocks_too_long', 'msg_too_long', 'invalid_arguments']);

export async function presentCard(id: string, tools: PresentTools): Promise<Presented> {
  return (await tools.cards.alone(id, () => bringUpToDate(id, tools))) ?? 'busy';
}

/**
 * Again until nothing has changed meanwhile: what happens while Slack answers is announced to nobody else. Progress that
 * goes on is left to the next announcement, which waits for what comes after it.
 */
async function bringUpToDate(id: string, tools: PresentTools): Promise<Presented> {
  const { cards, log } = tools;
  let shown: Shown | undefined;
  for (;;) {
    const card = await cards.find(id);
    shown = card && (await lookAgain(card, shown, tools));
    if (card === undefined || shown === undefined) return 'shown';
    const step = nextStep(card, shown, tools);
    if (step.kind === 'settle') await cards.settle(id);
    if (step.kind === 'settle' || step.kind === 'nothing') return 'shown';
    try {
      await take(step, card, shown, tools);
      if (card.message !== null && shown.isProgress) return await leaveTheRest(id, tools);
    } catch (error) {
      const slack = refusalOf(error);
      if (slack === undefined || !GONE.test(slack)) throw error;
      log.warn({ ...about(card), slack }, 'a card cannot be shown any more');
      await cards.settle(id);
      return 'refused';
    }
  }
}

async function lookAgain(card: Card, before: Shown | undefined, { look }: PresentTools): Promise<Shown | undefined> {
  return before?.isFinal ? before : look(card);
}

async function leaveTheRest(id: string, { cards, look, announce }: PresentTools): Promise<Presented> {
  const card = await cards.find(id);
  const latest = card && (await look(card));
  if (card !== undefined && latest !== undefined && card.shown < latest.revision)
    await announce(card.subject, latest.isProgress ? 'soon' : 'now');
  return 'shown';
}

type Step = Doing | { readonly kind: 'settle' } | { readonly kind: 'nothing' };
type Doing = { readonly kind: 'draw' } | { readonly kind: 'tell'; readonly untold: readonly Telling[] };

function nextStep(card: Card, shown: Shown, { budget, pace }: Pick<PresentTools, 'budget' | 'pace'>): Step {
  if (card.message === null) return { kind: 'draw' };
  if (card.shown < shown.revision) return !shown.isProgress || budget.take() ? { kind: 'draw' } : { kind: 'nothing' };
  const untold = shown.tellings(card).filter(({ key }) => !card.told.includes(key));
  if (untold.length > 0) return { kind: 'tell', untold };
  // What was left out is drawn with what comes next, or when somebody looks again.
  if (card.progress !== shown.progress)
    return pace.isDue(card.id) && budget.take() ? { kind: 'draw' } : { kind: 'nothing' };
  return shown.isOver ? { kind: 'settle' } : { kind: 'nothing' };
}

/** Whatever becomes of the step, the card is looked after until it shows all there is, also one that had shown all before. */
async function take(step: Doing, card: Card, shown: Shown, tools: PresentTools): Promise<void> {
  await tools.cards.unsettle(card.id);
  if (step.kind === 'draw' || step.untold.some(({ redraws }) => redraws)) await draw(card, shown, tools);
  if (step.kind === 'tell') await tellThread(card, step.untold, tools);
}

async function draw(card: Card, shown: Shown, tools: PresentTools): Promise<void> {
  const drawn = await shown.draw(card);
  const message =
    card.message === null ? await post(card.place, drawn, tools) : await edit(card, card.message, drawn, tools);
  tools.pace.drawn(card.id);
  await tools.cards.change(card, { message, shown: shown.revision, progress: shown.progress });
}

function post(
  { channel, thread }: CardPlace,
  message: SlackMessage,
  tools: PresentTools,
  loud = false,
): Promise<string> {
  const place = {
    channel,
    unfurl_links: false,
    unfurl_media: false,
    ...(thread !== null && (loud ? { thread_ts: thread, reply_broadcast: true } : { thread_ts: thread })),
  };
  return orInPlainText(message, tools.log, async (said) => {
    const { ts } = await tools.sendOnce((client) => client.chat.postMessage({ ...place, ...said }));
    if (ts === undefined) throw new Error('Slack took a message and did not say which it is.');
    return ts;
  });
}

/** An edit may be made twice without harm: the client repeats it by itself. */
function edit({ place }: Card, ts: string, message: SlackMessage, { client, log }: PresentTools): Promise<string> {
  return orInPlainText(message, log, async (said) => {
    await client.chat.update({ channel: place.channel, ts, ...said });
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

/** Each is marked before it is sent: better untold once, with the card there to see, than told twice. */
async function tellThread(card: Card, untold: readonly Telling[], tools: PresentTools): Promise<void> {
  const place = { channel: card.place.channel, thread: card.place.thread ?? card.message };
  let { told } = card;
  for (const { key, say, loud } of untold) {
    const before = told;
    told = [...before, key];
    await tools.cards.change(card, { told });
    try {
      await post(place, await say(place), tools, loud);
    } catch (error) {
      tools.log.warn({ ...about(card), telling: key, err: error }, 'a thread could not be told');
      // Slack has surely not taken it.
      if (refusalOf(error) !== undefined) await tools.cards.change(card, { told: before });
      throw error;
    }
  }
}

function about({ subject, place }: Card): Readonly<Record<string, string>> {
  return { [subject.kind === 'check' ? 'run' : subject.kind]: subject.id, channel: place.channel };
}
