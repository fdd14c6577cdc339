/** commander's help in the language of the words, wrapped by columns: Japanese characters are two wide and have no blanks. */
import { Help, type HelpConfiguration } from 'commander';
import stringWidth from 'string-width';
import type { CliWords } from '#render/cli-words.ts';
import { fill } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';

export function helpLayout({ titles, placeholders, extra }: CliWords): HelpConfiguration {
  const usual = new Help();
  const named: Readonly<Record<string, string>> = {
    'Usage:': titles.usage,
    'Arguments:': titles.arguments,
    'Options:': titles.options,
    'Commands:': titles.commands,
  };
  const placed = (usage: string) =>
    usage.replace('[options]', placeholders.options).replace('[command]', placeholders.command);
  return {
    displayWidth: stringWidth,
    boxWrap: wrapLines,
    styleTitle: (title) => named[title] ?? title,
    commandUsage: (command) => placed(usual.commandUsage(command)),
    subcommandTerm: (command) => placed(usual.subcommandTerm(command)),
    optionDescription(option) {
      const more = [
        ...(option.argChoices === undefined ? [] : [`${extra.choices}${option.argChoices.join(', ')}`]),
        ...(option.defaultValue === undefined ? [] : [`${extra.default}${String(option.defaultValue)}`]),
      ];
      return more.length === 0
        ? option.description
        : fill(extra.around, { text: option.description, more: more.join('; ') });
    },
  };
}
