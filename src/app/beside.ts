/** Where something is shown that follows from a check or a change: in the thread of its first card. */
import type { Card, Subject } from '#domain/card.ts';
import type { Cards } from './card-ports.ts';

/** Null when that is shown nowhere. Rejects with a StoreDown. */
export async function beside(
  subject: Subject,
  cards: Pick<Cards, 'of'>,
): Promise<Pick<Card, 'place' | 'language'> | null> {
  const [card] = await cards.of(subject);
  if (card === undefined) return null;
  const { place, message, language } = card;
  return { place: { ...place, thread: place.thread ?? message }, language };
}
