/** Somebody asks for a check: it is begun, or they join the one that is under way, and a card will show it. */
import type { Card, CardPlace } from '#domain/card.ts';
import type { Actor, Check, KernelWanted } from '#domain/check.ts';
import type { Language } from '#domain/language.ts';
import type { CheckQueue, Store } from './check-ports.ts';
import { newId } from './new-id.ts';

export interface CheckAsked {
  /** Names the request: asked again with the same key, it is the same run and the same card. */
  readonly key: string;
  readonly host: string;
  /** Whole seconds between the samples. */
  readonly interval: number;
  readonly actor: Actor;
  /** Where its card is to be; null = it is shown nowhere. */
  readonly place: CardPlace | null;
  readonly language: Language;
  /** What is to be asked for on the evidence of its report. */
  readonly next?: KernelWanted;
}

export interface RequestTools extends Pick<Store, 'runs' | 'cards'> {
  readonly queue: CheckQueue;
  readonly now: () => Date;
}

export interface Requested {
  /** `joined`: another person's run of this host, which has not ended. */
  readonly kind: 'begun' | 'repeated' | 'joined';
  readonly run: Check;
  /** Null where it was to have none. */
  readonly card: Card | null;
  /** A card of the same run in the same place: there is no need for another one. */
  readonly already: Card | undefined;
}

/** Beyond the interval, for the wait in the queue, three attempts to connect, and the reading itself. */
const MARGIN_MS = 180_000;

/** Rejects with a StoreDown. */
export async function requestCheck(asked: CheckAsked, { runs, cards, queue, now }: RequestTools): Promise<Requested> {
  const { host, interval, actor, next = null } = asked;
  const id = newId(asked.key);
  const askedAt = now();
  const deadline = new Date(askedAt.getTime() + interval * 1000 + MARGIN_MS);
  const { kind, run } = await runs.begin({ id, host, interval, actor, askedAt, deadline, next });
  const already = kind === 'joined' ? await cardThere(run, asked, cards) : undefined;
  const card = already ?? (await addCard(id, run, asked, cards));
  if (kind !== 'joined') await queue.add(run);
  return { kind, run, card, already };
}

async function cardThere(run: Check, { place }: CheckAsked, cards: RequestTools['cards']): Promise<Card | undefined> {
  const others = await cards.of({ kind: 'check', id: run.id });
  return others.find((card) => card.place.channel === place?.channel && card.place.thread === place.thread);
}

async function addCard(
  id: string,
  run: Check,
  { place, language, actor }: CheckAsked,
  cards: RequestTools['cards'],
): Promise<Card | null> {
  const subject = { kind: 'check', id: run.id } as const;
  return place === null ? null : cards.add({ id, subject, place, language, askedBy: actor.id });
}
