/** /tcp, and the bot's name in a message. */
import type { App } from '@slack/bolt';
import { attend } from './attend.ts';
import { carryOut } from './carry-out.ts';
import { parseCommand, parseMention } from './parse-command.ts';
import { replyIn, replyThrough } from './reply.ts';
import type { Desk } from './tools.ts';

export function listenForCommands(app: App, desk: Desk): void {
  app.command('/tcp', async ({ ack, command, respond }) => {
    await ack();
    const asking = { key: `command ${command.trigger_id}`, user: command.user_id, reply: replyThrough(respond) };
    const place = { channel: command.channel_id, thread: null };
    await attend(asking, desk, (asked) => carryOut(parseCommand(command.text), place, command.trigger_id, asked, desk));
  });

  app.event('app_mention', async ({ event, body }) => {
    const { user, channel, text, ts, thread_ts: thread } = event;
    if (user === undefined) return;
    const place = { channel, thread: thread ?? ts };
    const asking = { key: `event ${body.event_id}`, user, reply: replyIn(channel, place.thread, user, desk) };
    const wanted = parseMention(text, desk.bot.user, (word) => desk.inventory().recognise(word) !== undefined);
    await attend(asking, desk, (asked) => carryOut(wanted, place, null, asked, desk));
  });
}
