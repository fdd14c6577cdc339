/** What the bot can do, in one message; of one of its commands, that one. */
import { fill } from '#render/words.ts';
import { notification, type SlackMessage, type SlackVoice } from './message.ts';
import { bullets, code, line, plain, rich } from './rich.ts';

/** `verb`: null = all of them. */
export function helpMessage(bot: string, verb: string | null, { slack: { help } }: SlackVoice): SlackMessage {
  const shown = help.commands.filter(([command]) => verb === null || command.split(' ')[1] === verb);
  const commands = shown.map(([command, what]) => [...code(command), ...plain(`  ${what}`)]);
  const outro = fill(help.outro, { bot });
  if (verb !== null)
    return { text: notification(shown.map(([command]) => command).join(', ')), blocks: [rich(bullets(commands))] };
  return {
    text: notification(help.intro),
    blocks: [rich(line(plain(help.intro)), bullets(commands), line(plain(outro)))],
  };
}
