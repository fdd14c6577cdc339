/** What the bot can do, in one message. */
import { fill } from '#render/words.ts';
import { notification, type SlackMessage, type SlackVoice } from './message.ts';
import { bullets, code, line, plain, rich } from './rich.ts';

export function helpMessage(bot: string, { slack: { help } }: SlackVoice): SlackMessage {
  const commands = help.commands.map(([command, what]) => [...code(command), ...plain(`  ${what}`)]);
  const outro = fill(help.outro, { bot });
  return {
    text: notification(help.intro),
    blocks: [rich(line(plain(help.intro)), bullets(commands), line(plain(outro)))],
  };
}
