/** The address of a message, as chat.getPermalink would say it, without asking: a list of cards would take a call each. */
import type { Card } from '#domain/card.ts';
import type { BotIdentity } from './tools.ts';

/** Undefined where the card is not posted yet, or Slack has not said where the workspace is. */
export function permalink({ place, message }: Card, { workspace }: Pick<BotIdentity, 'workspace'>): string | undefined {
  if (message === null || workspace === null) return undefined;
  const address = new URL(`archives/${place.channel}/p${message.replace('.', '')}`, workspace);
  if (place.thread !== null) {
    address.searchParams.set('thread_ts', place.thread);
    address.searchParams.set('cid', place.channel);
  }
  return address.href;
}

/** Of several cards one that the reader can most likely open: none of somebody else's conversation with us. */
export function cardFor(user: string, cards: readonly Card[]): Card | undefined {
  const posted = cards.filter(({ message }) => message !== null);
  const shared = posted.filter(({ place }) => !place.channel.startsWith('D'));
  return shared[0] ?? posted.find(({ askedBy }) => askedBy === user);
}
