/** /tcp freeze on|off [group]: ordered by an admin, and heard by everybody whom it stops. */
import { type FreezeOrder, freeze as freezeHosts } from '#app/freeze.ts';
import type { CardPlace } from '#domain/card.ts';
import type { Change } from '#domain/change.ts';
import { nearestGroup } from '#inventory/nearest-group.ts';
import { groupName, thawCommand } from '#render/slack/change-card.ts';
import { freezeMessage } from '#render/slack/freeze-told.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { fill } from '#render/words.ts';
import type { Asked } from '../attend.ts';
import { adminOf, decideTools, refuseChange } from '../change-desk.ts';
import { refusalOf } from '../post.ts';
import type { Desk } from '../tools.ts';
import { type Call, defineCommand } from './command.ts';

export const freeze = defineCommand({
  verb: 'freeze',
  anywhere: false,
  says: [],

  read([first, second]): FreezeOrder {
    const isSwitch = first !== undefined && /^(on|off)$/i.test(first);
    return { on: first?.toLowerCase() !== 'off', group: (isSwitch ? second : first) ?? '*' };
  },

  carryOut,
});

async function carryOut(order: FreezeOrder, { place, asked, desk }: Call): Promise<void> {
  const inventory = desk.inventory();
  const tools = { ...decideTools(desk), hasGroup: (group: string) => inventory.groups.has(group) };
  const frozen = await freezeHosts(order, await adminOf(asked, desk), tools);
  if (frozen.kind === 'done') return spread(order, frozen.concerned, place, asked, desk);
  await refuseChange(asked, frozen.why, { name: order.group, nearest: nearestGroup(order.group, inventory) });
}

/** Said in this channel and in those with a card of such a change; their threads and cards are brought up to date apart. */
async function spread(
  order: FreezeOrder,
  concerned: readonly Change[],
  { channel }: CardPlace,
  asked: Asked,
  desk: Desk,
): Promise<void> {
  const cards = (await Promise.all(concerned.map(({ id }) => desk.store.cards.of({ kind: 'change', id })))).flat();
  const elsewhere = [...new Set(cards.map(({ place }) => place.channel))].filter((each) => each !== channel);
  const here = await post(channel, order, asked, desk);
  await Promise.all(elsewhere.map((each) => post(each, order, asked, desk)));
  await asked.reply(sentenceMessage(said(order, here, cards.length, asked)));
}

/** False where we may not write; everything else is for the caller to hear. */
async function post(channel: string, { on, group }: FreezeOrder, asked: Asked, desk: Desk): Promise<boolean> {
  const voice = desk.voice(desk.channels.get(channel)?.language ?? asked.person.language);
  const message = freezeMessage(on, group, asked.actor, voice);
  try {
    await desk.sendOnce(({ chat }) => chat.postMessage({ channel, ...message }));
    return true;
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    desk.log.warn({ channel, slack: refusalOf(error) }, 'a channel could not be told of a freeze');
    return false;
  }
}

function said({ on, group }: FreezeOrder, here: boolean, cards: number, { voice }: Asked): string {
  const { done, freeze: words } = voice.change;
  const what = fill(on ? done.freeze : done.thaw, { group: groupName(group, voice), command: thawCommand(group) });
  return [
    what,
    ...(here || cards > 0 ? [fill(words.told, { here: here ? 1 : 0, cards })] : []),
    ...(here ? [] : [words.onlyYou]),
  ].join(' ');
}
