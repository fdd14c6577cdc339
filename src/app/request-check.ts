/** Somebody asks for a check: it is begun, or they join the one that is under way, and a card will show it. */
import type { Card, CardPlace } from '#domain/card.ts';
import type { Actor, Check } from '#domain/check.ts';
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
  readonly place: CardPlace;
  readonly language: Language;
}

export interface RequestTools extends Pick<Store, 'runs' | 'cards'> {
  readonly queue: CheckQueue;
  readonly now: () => Date;
}

export interface Requested {
  /** `joined`: another person's run of this host, which has not ended. */
  readonly kind: 'begun' | 'repeated' | 'joined';
  readonly run: Check;
  readonly card: Card;
  /** A card of the same run in the same place: there is no need for another one. */
  readonly already: Card | undefined;
}

/** Beyond the interval, for the wait in the queue, three attempts to connect, and the reading itself. */
const MARGIN_MS = 180_000;

/** Rejects with a StoreDown. */
export async function requestCheck(asked: CheckAsked, { runs, cards, queue, now }: RequestTools): Promise<Requested> {
  const { host, interval, actor, place, language } = asked;
  const id = newId(asked.key);
  const askedAt = now();
  const deadline = new Date(askedAt.getTime() + interval * 1000 + MARGIN_MS);
  const { kind, run } = await runs.begin({ id, host, interval, actor, askedAt, deadline });
  const subject = { kind: 'check', id: run.id } as const;
  const others = kind === 'joined' ? await cards.of(subject) : [];
  const already = others.find((card) => card.place.channel === place.channel && card.place.thread === place.thread);
  const card = already ?? (await cards.add({ id, subject, place, language, askedBy: actor.id }));
  if (kind !== 'joined') await queue.add(run);
  return { kind, run, card, already };
}
