/** /tcp, and the bot's name in a message. */
import type { App } from '@slack/bolt';
import { type About, attend } from './attend.ts';
import { carryOut } from './carry-out.ts';
import { parseCommand, parseMention, type SlackCommand } from './parse-command.ts';
import { replyIn, replyThrough } from './reply.ts';
import type { Desk } from './tools.ts';

export function listenForCommands(app: App, desk: Desk): void {
  app.command('/tcp', async ({ ack, command, respond }) => {
    await ack();
    const wanted = parseCommand(command.text);
    const about = aboutCommand('/tcp', wanted);
    const asking = { key: `command ${command.trigger_id}`, user: command.user_id, about, reply: replyThrough(respond) };
    const place = { channel: command.channel_id, thread: null };
    await attend(asking, desk, (asked) => carryOut(wanted, place, command.trigger_id, asked, desk));
  });

  app.event('app_mention', async ({ event, body }) => {
    const { user, channel, text, ts, thread_ts: thread } = event;
    if (user === undefined) return;
    const place = { channel, thread: thread ?? ts };
    const wanted = parseMention(text, desk.bot.user, (word) => desk.inventory().recognise(word) !== undefined);
    const about = aboutCommand('mention', wanted);
    const asking = { key: `event ${body.event_id}`, user, about, reply: replyIn(channel, place.thread, user, desk) };
    await attend(asking, desk, (asked) => carryOut(wanted, place, null, asked, desk));
  });
}

/** What was typed, without what may be anything. */
function aboutCommand(how: string, command: SlackCommand): About {
  return { action: `${how} ${command.kind}`, ...('host' in command && { host: command.host }) };
}
