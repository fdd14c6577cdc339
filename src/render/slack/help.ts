/** What the bot can do, in one message; of one of its commands, that one. */
import { fill } from '#render/words.ts';
import { messageOf, type SlackMessage, type SlackVoice } from './message.ts';
import { bullets, code, line, plain } from './rich.ts';

/** `verb`: null = all of them. */
export function helpMessage(bot: string, verb: string | null, { slack }: SlackVoice): SlackMessage {
  const { intro, outro } = slack.help;
  const shown = Object.entries(slack.commands).flatMap(([each, { help }]) =>
    verb === null || each === verb ? help : [],
  );
  const commands = bullets(shown.map(([command, what]) => [...code(command), ...plain(`  ${what}`)]));
  if (verb !== null) return messageOf(shown.map(([command]) => command).join(', '), commands);
  return messageOf(intro, line(plain(intro)), commands, line(plain(fill(outro, { bot }))));
}
