/** What a person typed after /tcp, or around the bot's name, as one of the things it can do. Pure; never throws. */
import type { Order, SlackCommand } from './commands/command.ts';
import { COMMANDS, HELP } from './commands/commands.ts';

const LONGEST_TEXT = 500;

export function parseCommand(text: string): Order {
  return orderOf(words(text));
}

/** `bot`: its user id. `isHost`: whether a word means one of our hosts; other words of a sentence are let be. */
export function parseMention(text: string, bot: string, isHost: (word: string) => boolean): Order {
  const [before = [], ...after] = text.split(new RegExp(`<@${bot}(?:\\|[^>]*)?>`)).map(words);
  const said = after
    .flat()
    .map(unpunctuated)
    .filter((word) => word !== '');
  const first = commandFor(said[0]);
  if (first !== undefined && first.inSentence === undefined) return first.read(said.slice(1));
  const found = [said, before].map((part) => inSentence(part, isHost)).find((order) => order !== undefined);
  return found ?? orderOf(said);
}

/** A word that is no command is a question about it. */
function orderOf([verb = HELP.verb, ...rest]: readonly string[]): Order {
  return commandFor(verb)?.read(rest) ?? HELP.read([verb]);
}

/** What a sentence asks for; undefined when it has none of the words for it. Japanese has no blanks around names. */
function inSentence(said: readonly string[], isHost: (word: string) => boolean): Order | undefined {
  const all = said.flatMap((word) => word.split(/[^!-~]+/).map(unpunctuated)).filter((word) => word !== '');
  const at = all.findIndex((word) => commandFor(word)?.anywhere);
  const command = commandFor(all[at]);
  const after = all.slice(at + 1);
  return command?.read(command.inSentence?.(all.slice(0, at), after, isHost) ?? after);
}

function commandFor(word = ''): SlackCommand | undefined {
  return COMMANDS.find(({ verb }) => verb === word.toLowerCase());
}

function unpunctuated(word: string): string {
  return word.replaceAll(/^[(,:、]+|[.,!?;:)、。]+$/g, '');
}

/** Slack makes links of names with dots, phones make quotes and wide letters, and people paste code marks. */
function words(text: string): readonly string[] {
  return text
    .slice(0, LONGEST_TEXT)
    .normalize('NFKC')
    .replaceAll(/<(?:https?:\/\/|mailto:)[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll(/<https?:\/\/([^/>]*)[^>]*>/g, '$1')
    .replaceAll(/[`"'*_“”‘’「」]/g, (mark) => (mark === '_' ? mark : ' '))
    .split(/[\s\u3000\u200b]+/)
    .filter((word) => word !== '');
}
