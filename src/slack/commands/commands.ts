/** All commands: a new one is a file here, a row below, and its words in templates/slack.*.yaml. */
import type { SlackWords } from '#render/slack/slack-words.ts';
import { cancel } from './cancel.ts';
import { checkCommand } from './check.ts';
import type { SlackCommand } from './command.ts';
import { explain } from './explain.ts';
import { fix } from './fix.ts';
import { freeze } from './freeze.ts';
import { helpAbout } from './help.ts';
import { hosts } from './hosts.ts';
import { kernel } from './kernel.ts';
import { status } from './status.ts';
import { unlock } from './unlock.ts';

const OTHERS: readonly SlackCommand[] = [checkCommand, fix, kernel, explain, hosts, status, cancel, freeze, unlock];

export const HELP = helpAbout(OTHERS.map(({ verb }) => verb));
export const COMMANDS: readonly SlackCommand[] = [...OTHERS, HELP];

/** What the words lack of what the commands say, as paths in templates/slack.*.yaml. */
export function missingWords({ commands }: SlackWords): readonly string[] {
  return COMMANDS.flatMap(({ verb, says }) => {
    const words = commands[verb];
    if (words === undefined) return [`commands.${verb}`];
    return says.filter((key) => words.says[key] === undefined).map((key) => `commands.${verb}.says.${key}`);
  });
}
