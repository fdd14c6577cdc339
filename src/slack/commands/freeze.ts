/** /tcp freeze on|off [group]: ordered by an admin, and heard by everybody whom it stops. */
import { type FreezeOrder, freeze as freezeHosts } from '#app/freeze.ts';
import { nearestGroup } from '#inventory/nearest-group.ts';
import { groupName, thawCommand } from '#render/slack/change-card.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { joinSentences } from '#render/wording.ts';
import { fill } from '#render/words.ts';
import type { Asked } from '../attend.ts';
import { adminOf, decideTools, refuseChange } from '../change-desk.ts';
import { tellFreeze } from '../tell-freeze.ts';
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

async function carryOut(order: FreezeOrder, { place: { channel }, asked, desk }: Call): Promise<void> {
  const inventory = desk.inventory();
  const tools = {
    ...decideTools(desk),
    cards: desk.store.cards,
    tellFreeze: desk.changes.tellFreeze,
    channels: new Map([[channel, null]]),
    hasGroup: (group: string) => inventory.groups.has(group),
  };
  const frozen = await freezeHosts(order, await adminOf(asked, desk), tools);
  if (frozen.kind === 'refused')
    return refuseChange(asked, frozen.why, { name: order.group, nearest: nearestGroup(order.group, inventory) });
  const language = desk.channels.get(channel)?.language ?? asked.person.language;
  const here = await tellFreeze({ kind: 'freeze', ...order, by: asked.actor, channel, language }, desk);
  await asked.reply(sentenceMessage(said(order, here, frozen.threads, asked)));
}

function said({ on, group }: FreezeOrder, here: boolean, cards: number, { voice }: Asked): string {
  const { done, freeze: words } = voice.change;
  const what = fill(on ? done.freeze : done.thaw, { group: groupName(group, voice), command: thawCommand(group) });
  return joinSentences([
    what,
    ...(here || cards > 0 ? [fill(words.told, { here: here ? 1 : 0, cards })] : []),
    ...(here ? [] : [words.onlyYou]),
  ]);
}
