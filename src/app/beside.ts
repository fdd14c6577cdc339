/** Where something is shown that follows from a check or a change: in the thread of its card. */
import type { Card, CardPlace, Subject } from '#domain/card.ts';
import type { Cards } from './card-ports.ts';

/** `near`: of several cards the one in this place; else the first. Null when it is shown nowhere. Rejects with a StoreDown. */
export async function beside(
  subject: Subject,
  cards: Pick<Cards, 'of'>,
  near?: CardPlace,
): Promise<Pick<Card, 'place' | 'language'> | null> {
  const all = await cards.of(subject);
  const card =
    all.find(({ place: { channel, thread } }) => channel === near?.channel && thread === near.thread) ?? all[0];
  if (card === undefined) return null;
  const { place, message, language } = card;
  return { place: { ...place, thread: place.thread ?? message }, language };
}
