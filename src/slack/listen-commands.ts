/** /tcp, and the bot's name in a message. */
import type { App } from '@slack/bolt';
import { type About, attend } from './attend.ts';
import type { Order } from './commands/command.ts';
import { parseCommand, parseMention } from './parse-command.ts';
import { replyIn, replyThrough } from './reply.ts';
import type { Desk } from './tools.ts';

export function listenForCommands(app: App, desk: Desk): void {
  app.command('/tcp', async ({ ack, command, respond }) => {
    await ack();
    const order = parseCommand(command.text);
    const about = aboutCommand('/tcp', order);
    const asking = { key: `command ${command.trigger_id}`, user: command.user_id, about, reply: replyThrough(respond) };
    const place = { channel: command.channel_id, thread: null };
    await attend(asking, desk, (asked) => order.carryOut({ place, trigger: command.trigger_id, asked, desk }));
  });

  app.event('app_mention', async ({ event, body }) => {
    const { user, channel, text, ts, thread_ts: thread } = event;
    if (user === undefined) return;
    const place = { channel, thread: thread ?? ts };
    const order = parseMention(text, desk.bot.user, (word) => desk.inventory().recognise(word) !== undefined);
    const about = aboutCommand('mention', order);
    const asking = { key: `event ${body.event_id}`, user, about, reply: replyIn(channel, place.thread, user, desk) };
    await attend(asking, desk, (asked) => order.carryOut({ place, trigger: null, asked, desk }));
  });
}

/** What was typed, without what may be anything. */
function aboutCommand(how: string, { verb, wanted }: Order): About {
  return { action: `${how} ${verb}`, ...('host' in wanted && { host: String(wanted.host) }) };
}
