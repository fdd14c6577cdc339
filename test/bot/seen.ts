/** What a person reads and can press in a message of the local Slack. */
import type { Block, Message, Snapshot } from '#local-slack/snapshot.ts';
import { elementsOf } from '#local-slack/validate-blocks.ts';

/** Every text in the blocks, in order; the notification's text when there are none. */
export function words({ text, blocks }: Pick<Message, 'text' | 'blocks'>): string {
  return blocks.length === 0 ? text : wordsOf(blocks);
}

export function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsOf).join(' ');
  if (typeof value !== 'object' || value === null) return '';
  const {
    text,
    elements,
    user_id: user,
    usergroup_id: group,
    rows,
    label,
    element,
  } = value as Readonly<Record<string, unknown>>;
  if (user !== undefined || group !== undefined) return `@${user ?? group}`;
  if (typeof text === 'string') return text;
  return [text, label, elements, element, rows]
    .filter((part) => part !== undefined)
    .map(wordsOf)
    .join(' ');
}

/** The action ids that can be pressed. */
export function buttonsOf({ blocks }: { readonly blocks: readonly Block[] }): readonly string[] {
  return blocks.flatMap(elementsOf).map((element) => String(element['action_id']));
}

/** The messages that show runs of this host, in channels and threads. */
export function cardsOf(host: string, { messages }: Snapshot): readonly Message[] {
  return messages.filter(
    (message) =>
      message.onlyFor === null &&
      message.text.startsWith(`${host}:`) &&
      buttonsOf(message).some((id) => id === 'cancel-check' || id === 'check-again'),
  );
}

/** What threads were told of how runs of this host ended. */
export function repliesOf(host: string, { messages }: Snapshot): readonly Message[] {
  return messages.filter(
    (message) => message.thread !== null && message.text.startsWith(`${host}:`) && buttonsOf(message).length === 0,
  );
}

export function privatelyTo(user: string, { messages }: Snapshot): readonly Message[] {
  return messages.filter(({ onlyFor }) => onlyFor === user);
}

/** A card that has ended can be checked again, and no longer cancelled. */
export function hasEnded(card: Pick<Message, 'blocks'>): boolean {
  return buttonsOf(card).includes('check-again');
}
