/** /tcp freeze on|off [group]: ordered by an admin, and heard by everybody whom it stops. */
import type { CardPlace } from '#domain/card.ts';
import type { Change } from '#domain/change.ts';
import { nearestNames } from '#domain/nearest.ts';
import type { Inventory } from '#inventory/inventory.ts';
import { groupName, thawCommand } from '#render/slack/change-card.ts';
import { freezeMessage, hearsFreezes } from '#render/slack/freeze-told.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { fill } from '#render/words.ts';
import type { Asked } from './attend.ts';
import { adminEntry, groupsOf, isAdmin, refuseChange } from './change-desk.ts';
import { refusalOf } from './post.ts';
import type { Desk } from './tools.ts';

interface Order {
  readonly on: boolean;
  /** `*` = all hosts. */
  readonly group: string;
}

export async function freeze(order: Order, place: CardPlace, asked: Asked, desk: Desk): Promise<void> {
  const { on, group } = order;
  const { store } = desk.changes;
  if (!(await isAdmin(asked, desk))) return;
  const inventory = desk.inventory();
  // Somebody who slipped would believe that nothing can be changed.
  if (on && group !== '*' && !inventory.groups.has(group))
    return refuseChange(asked, 'unknown-group', { name: group, nearest: nearestGroup(group, inventory) });
  const at = desk.now();
  const entry = adminEntry(on ? 'freeze' : 'thaw', null, { group }, asked, at);
  if (on) await store.freezes.freeze({ group, by: asked.actor.id, since: at }, entry);
  else if (!(await store.freezes.thaw(group, entry))) return refuseChange(asked, 'not-frozen', { name: group });
  await spread(order, place, asked, desk);
}

/** Whoever names a host means a group of it. */
function nearestGroup(name: string, { listHosts, groups }: Inventory): string {
  const host = listHosts().find((each) => each.name === name);
  return host?.groups[0] ?? nearestNames(name, groups.keys())[0] ?? '';
}

/** The channels first; the threads and cards of changes are brought up to date by whoever presents them. */
async function spread(order: Order, { channel }: CardPlace, asked: Asked, desk: Desk): Promise<void> {
  const { store, announce } = desk.changes;
  const open = (await store.changes.active()).filter((change) => concerns(order, change, desk));
  const cards = (await Promise.all(open.map(({ id }) => store.changeCards.find(id)))).filter(
    (card) => card !== undefined,
  );
  const elsewhere = [...new Set(cards.map((card) => card.channel))].filter((each) => each !== channel);
  const here = await post(channel, order, asked, desk);
  await Promise.all(elsewhere.map((each) => post(each, order, asked, desk)));
  for (const { id } of open) await announce(id);
  await asked.reply(sentenceMessage(said(order, here, cards.length, asked)));
}

function concerns({ group }: Order, change: Change, { inventory }: Desk): boolean {
  return hearsFreezes(change) && (group === '*' || groupsOf(change.host, inventory).includes(group));
}

/** False where we may not write; everything else is for the caller to hear. */
async function post(channel: string, { on, group }: Order, asked: Asked, desk: Desk): Promise<boolean> {
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

function said({ on, group }: Order, here: boolean, cards: number, { voice }: Asked): string {
  const { done, freeze: words } = voice.change;
  const what = fill(on ? done.freeze : done.thaw, { group: groupName(group, voice), command: thawCommand(group) });
  return [
    what,
    ...(here || cards > 0 ? [fill(words.told, { here: here ? 1 : 0, cards })] : []),
    ...(here ? [] : [words.onlyYou]),
  ].join(' ');
}
