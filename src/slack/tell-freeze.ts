/** Says in a channel that changes were frozen, or may be made again. */
import type { FreezeNotice } from '#app/card-ports.ts';
import { freezeMessage } from '#render/slack/freeze-told.ts';
import { refusalOf } from './post.ts';
import type { Desk } from './tools.ts';

/** False where we may not write; everything else is for the caller to hear. */
export async function tellFreeze(
  { channel, language, on, group, by }: FreezeNotice,
  { sendOnce, voice, log }: Pick<Desk, 'sendOnce' | 'voice' | 'log'>,
): Promise<boolean> {
  const message = freezeMessage(on, group, by, voice(language));
  try {
    await sendOnce(({ chat }) => chat.postMessage({ channel, ...message }));
    return true;
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    log.warn({ channel, slack: refusalOf(error) }, 'a channel could not be told of a freeze');
    return false;
  }
}
