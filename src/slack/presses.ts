/** Presses of buttons. Their values are opaque: what they mean is looked up by the listeners. */
import type { App, BlockAction, ButtonAction, RespondFn } from '@slack/bolt';
import type { CardPlace } from '#domain/card.ts';
import { type Asked, attend } from './attend.ts';
import { aboutValue } from './change-desk.ts';
import { replyDirectly, replyThrough } from './reply.ts';
import type { Desk } from './tools.ts';

export type Pressed = BlockAction<ButtonAction>;
export type OnPress = (id: string | RegExp, listener: Listener) => void;
type Listener = (value: string, pressed: Pressed, asked: Asked, respond: RespondFn) => Promise<void>;

export function listenForPresses(app: App, desk: Desk): OnPress {
  return (id, listener) =>
    app.action<Pressed>({ type: 'block_actions', action_id: id }, async ({ ack, body, action, respond }) => {
      await ack();
      const value = String(action.value ?? '');
      const about = aboutValue(action.action_id, value);
      const reply = body.channel === undefined ? replyDirectly(body.user.id, desk) : replyThrough(respond);
      const asking = { key: `press ${body.trigger_id}`, user: body.user.id, about, reply };
      await attend(asking, desk, (asked) => listener(value, body, asked, respond));
    });
}

/** Where the button is: what comes of it goes there too. */
export function placeOf({ channel, container, message }: Pressed): CardPlace {
  const thread = message?.['thread_ts'] ?? container['thread_ts'];
  return {
    channel: channel?.id ?? String(container['channel_id']),
    thread: typeof thread === 'string' ? thread : null,
  };
}

/** In the thread of the message that has the button. */
export function threadOf(pressed: Pressed): CardPlace {
  const { channel, thread } = placeOf(pressed);
  return { channel, thread: thread ?? pressed.message?.ts ?? null };
}
