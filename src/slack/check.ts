/** Somebody asks for a check: the host is looked up, the run is begun or joined, and its card appears. */
import { cancelCheck } from '#app/cancel-check.ts';
import { requestCheck } from '#app/request-check.ts';
import type { CardPlace } from '#domain/card.ts';
import { offersMessage, sentenceMessage } from '#render/slack/problem.ts';
import type { Asked } from './attend.ts';
import { permalink } from './permalink.ts';
import type { Desk } from './tools.ts';

export interface Wanted {
  readonly host: string;
  readonly interval: number;
}

/** As many buttons as a person can choose from. */
const MOST_OFFERS = 10;

export async function check(
  { host: name, interval }: Wanted,
  place: CardPlace,
  asked: Asked,
  desk: Desk,
): Promise<void> {
  const inventory = desk.inventory();
  const found = await inventory.findTyped(name);
  if (found.kind === 'host') return begin({ host: found.host.name, interval }, place, asked, desk);
  if (found.kind === 'invalid') return asked.reply(sentenceMessage(found.message));
  const members = inventory.groups.get(name);
  if (members !== undefined) return offer('group', name, members, interval, asked, desk);
  if (found.nearest.length > 0) return offer('near', name, found.nearest, interval, asked, desk);
  return asked.refuse('unknown-host', { name });
}

async function offer(
  kind: 'near' | 'group',
  name: string,
  hosts: readonly string[],
  interval: number,
  asked: Asked,
  { store }: Desk,
): Promise<void> {
  const offered = hosts
    .slice(0, MOST_OFFERS)
    .map(async (host) => ({ host, offer: await store.offers.put({ kind: 'check', host, interval }) }));
  await asked.reply(offersMessage(kind, name, await Promise.all(offered), hosts.length, asked.voice));
}

async function begin({ host, interval }: Wanted, place: CardPlace, asked: Asked, desk: Desk): Promise<void> {
  const { store, queue, now, log } = desk;
  const language = desk.channels.get(place.channel)?.language ?? asked.person.language;
  const { key, actor } = asked;
  const requested = await requestCheck({ key, host, interval, actor, place, language }, { ...store, queue, now });
  log.info({ run: requested.run.id, host, key, how: requested.kind }, 'check requested');
  if (requested.already !== undefined) {
    return asked.refuse('already-checked-here', { host, link: permalink(requested.already, desk.bot) ?? '' });
  }
  const { card } = requested;
  if (card === null || (await desk.presentCard(card.id)) !== 'refused') return;
  // Nobody would see what it finds.
  if (requested.kind === 'begun')
    await cancelCheck(requested.run.id, actor, { ...store, queue, announce: desk.announce });
  await asked.refuse('not-in-channel');
}
