/** Ways to tell one person something. */
import type { SlackMessage } from '#render/slack/message.ts';
import type { Asking } from './attend.ts';
import { refusalOf } from './post.ts';
import type { Desk } from './tools.ts';

type Respond = (
  message: SlackMessage & { readonly response_type: 'ephemeral'; readonly replace_original: false },
) => Promise<unknown>;

/** Through the address that came with what was asked: it works in every channel, also where we are no member. */
export function replyThrough(respond: Respond): Asking['reply'] {
  return async (message) => {
    await respond({ ...message, response_type: 'ephemeral', replace_original: false });
  };
}

/** From App Home, which has no channel: in a conversation of our own. */
export function replyDirectly(user: string, { sendOnce }: Pick<Desk, 'sendOnce'>): Asking['reply'] {
  return async (message) => {
    await sendOnce((client) => client.chat.postMessage({ channel: user, ...message }));
  };
}

/** Where there is no such address: in the channel, or else in a conversation of our own. */
export function replyIn(
  channel: string,
  thread: string | null,
  user: string,
  { sendOnce }: Pick<Desk, 'sendOnce'>,
): Asking['reply'] {
  return async (message) => {
    const place = { channel, user, ...(thread !== null && { thread_ts: thread }) };
    try {
      await sendOnce((client) => client.chat.postEphemeral({ ...place, ...message }));
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
      await sendOnce((client) => client.chat.postMessage({ channel: user, ...message }));
    }
  };
}
