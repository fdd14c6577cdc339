/** What a form brings back: each block has one element, of the same name. */
import type { SlackViewAction } from '@slack/bolt';

/** What a modal remembers of where it was opened. */
export interface Opened {
  readonly value: string;
  readonly channel: string;
  readonly thread: string | null;
}

/** What is no memory of ours is a forgery: it names nothing, and the person hears so in a conversation of their own. */
export function parseOpened(metadata: string, user: string): Opened {
  const forged = { value: '', channel: user, thread: null };
  try {
    const { value, channel, thread } = JSON.parse(metadata) as Partial<Record<keyof Opened, unknown>>;
    const ours = typeof value === 'string' && typeof channel === 'string';
    return ours && (thread === null || typeof thread === 'string') ? { value, channel, thread } : forged;
  } catch {
    return forged;
  }
}

export type Values = SlackViewAction['view']['state']['values'];

export function textIn(values: Values, block: string): string {
  return values[block]?.[block]?.value ?? '';
}

export function chosenIn(values: Values, block: string): string | undefined {
  return values[block]?.[block]?.selected_option?.value ?? undefined;
}
