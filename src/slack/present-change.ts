/** Brings the card of a change to the truth, and tells its thread what has happened since. Anyone may ask, any number of times. */
import type { ChangeCard, ChangeStore } from '#app/change-ports.ts';
import { approversOf } from '#change/circles.ts';
import type { Policy } from '#change/policy.ts';
import { freezesOf } from '#change/still-allowed.ts';
import { APPLY, KEEP, SYSCTL } from '#change/sysctl-gates.ts';
import type { Change, ChangeId } from '#domain/change.ts';
import { changeCard, type ShownChange } from '#render/slack/change-card.ts';
import { type Telling, tellings } from '#render/slack/change-told.ts';
import { freezeTellings } from '#render/slack/freeze-told.ts';
import type { SlackMessage } from '#render/slack/message.ts';
import { refusalOf } from './post.ts';
import type { Desk } from './tools.ts';

export type PresentChangeTools = Pick<Desk, 'client' | 'sendOnce' | 'voice' | 'log'> & {
  readonly store: ChangeStore;
  readonly policy: Policy;
  readonly groupsOf: (host: string) => readonly string[];
};

/** Rejects when it should be tried again. */
export async function presentChange(id: ChangeId, tools: PresentChangeTools): Promise<void> {
  const shown = await tools.store.changeCards.alone(id, async () => {
    await bringUpToDate(id, tools);
    return true;
  });
  if (shown === undefined) throw new Error(`The card of change ${id} is being shown by somebody else.`);
}

async function bringUpToDate(id: ChangeId, tools: PresentChangeTools): Promise<void> {
  const { changes, changeCards } = tools.store;
  for (;;) {
    const [change, card] = await Promise.all([changes.find(id), changeCards.find(id)]);
    if (change === undefined || card === undefined) return;
    const shown = await gather(change, tools);
    const voice = tools.voice(card.language);
    const isDrawn = card.message !== null && card.shown >= change.revision;
    const news = freezeTellings(shown, card.told, voice);
    if (!isDrawn || news.length > 0) {
      const message = await send(card, changeCard(shown, voice), tools);
      await changeCards.change(id, { message, shown: change.revision });
    }
    if (isDrawn) return tellThread(shown, card, news, tools);
  }
}

async function gather(change: Change, { policy, groupsOf, store }: PresentChangeTools): Promise<ShownChange> {
  const target = { groups: groupsOf(change.host), risk: change.plan.risk, kind: SYSCTL };
  return {
    change,
    approvers: approversOf(policy, target, APPLY, change),
    keepers: approversOf(policy, target, KEEP, change),
    freezes: freezesOf(target.groups, await store.freezes.list()),
  };
}

async function send(
  card: ChangeCard,
  message: SlackMessage,
  { client, sendOnce }: PresentChangeTools,
): Promise<string> {
  const { channel, thread, message: ts } = card;
  if (ts !== null) {
    await client.chat.update({ channel, ts, ...message });
    return ts;
  }
  const place = { channel, unfurl_links: false, unfurl_media: false, ...(thread !== null && { thread_ts: thread }) };
  const posted = await sendOnce((each) => each.chat.postMessage({ ...place, ...message }));
  if (posted.ts === undefined) throw new Error('Slack took a message and did not say which it is.');
  return posted.ts;
}

/** Marked before it is sent: better untold once, with the card there to see, than told twice. */
async function tellThread(
  shown: ShownChange,
  card: ChangeCard,
  news: readonly Telling[],
  tools: PresentChangeTools,
): Promise<void> {
  const { change } = shown;
  const { changeCards } = tools.store;
  const { channel, thread, message } = card;
  let { told } = card;
  for (const { key, message: said, loud } of [...tellings(shown, tools.voice(card.language)), ...news]) {
    if (told.includes(key)) continue;
    told = [...told, key];
    await changeCards.change(change.id, { told });
    // The card itself says that it waits.
    if (key === 'proposed') continue;
    const reply = { channel, thread_ts: thread ?? message ?? '', ...said };
    await tools
      .sendOnce(({ chat }) => chat.postMessage(loud ? { ...reply, reply_broadcast: true } : reply))
      .catch((error: unknown) => {
        tools.log.warn(
          { change: change.id, slack: refusalOf(error), err: error },
          'the thread of a change could not be told',
        );
      });
  }
}
