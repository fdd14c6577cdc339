/** What a person typed after /tcp, or around the bot's name, as one of the things it can do. Pure; never throws. */
import { looksLikeInterval, readTime } from '#domain/interval.ts';

export type SlackCommand =
  | { readonly kind: 'check'; readonly host: string; readonly interval: number }
  | { readonly kind: 'check-without-host' | 'fix-without-host' | 'unlock-without-host' }
  | { readonly kind: 'bad-interval'; readonly word: string }
  /** More than one host, or something else behind the host. */
  | { readonly kind: 'too-much'; readonly host: string; readonly word: string }
  /** `--all` and the like, which only the terminal has. */
  | { readonly kind: 'option'; readonly word: string }
  | { readonly kind: 'explain'; readonly id: string | null }
  | { readonly kind: 'cancel'; readonly target: string | null }
  | { readonly kind: 'fix'; readonly host: string; readonly name: string | null }
  | { readonly kind: 'freeze'; readonly on: boolean; readonly group: string }
  | { readonly kind: 'unlock'; readonly host: string }
  | { readonly kind: 'hosts' | 'status' }
  /** `about`: a command, or what is none. */
  | { readonly kind: 'help'; readonly about: string | null }
  | { readonly kind: 'unknown'; readonly word: string };

export const VERBS = ['check', 'fix', 'explain', 'hosts', 'status', 'cancel', 'freeze', 'unlock', 'help'] as const;

/** Found anywhere in a sentence. The others change something: "do not freeze prod" must not freeze. */
const HARMLESS: readonly string[] = ['check', 'fix', 'explain', 'hosts', 'status', 'help'];
const LONGEST_TEXT = 500;

export function parseCommand(text: string): SlackCommand {
  return commandOf(words(text));
}

/** `bot`: its user id. `isHost`: whether a word means one of our hosts; other words of a sentence are let be. */
export function parseMention(text: string, bot: string, isHost: (word: string) => boolean): SlackCommand {
  const [before = [], ...after] = text.split(new RegExp(`<@${bot}(?:\\|[^>]*)?>`)).map(words);
  const said = after
    .flat()
    .map(unpunctuated)
    .filter((word) => word !== '');
  const first = said[0]?.toLowerCase() ?? '';
  // "help me please" is no question about "me".
  if (first === 'help' && !isVerb(said[1]?.toLowerCase() ?? '')) return commandOf(['help']);
  if (isVerb(first) && first !== 'check') return commandOf(said);
  const found = [said, before].map((part) => inSentence(part, isHost)).find((command) => command !== undefined);
  return commandOf(found ?? said);
}

function commandOf([verb = 'help', ...rest]: readonly string[]): SlackCommand {
  switch (verb.toLowerCase()) {
    case 'check':
      return check(rest);
    case 'fix':
      return rest[0] === undefined
        ? { kind: 'fix-without-host' }
        : { kind: 'fix', host: rest[0], name: rest[1] ?? null };
    case 'freeze':
      return {
        kind: 'freeze',
        on: rest[0]?.toLowerCase() !== 'off',
        group: (rest[0] && /^(on|off)$/i.test(rest[0]) ? rest[1] : rest[0]) ?? '*',
      };
    case 'unlock':
      return rest[0] === undefined ? { kind: 'unlock-without-host' } : { kind: 'unlock', host: rest[0] };
    case 'explain':
      return { kind: 'explain', id: rest[0] ?? null };
    case 'cancel':
      return { kind: 'cancel', target: rest[0] ?? null };
    case 'hosts':
    case 'status':
      return { kind: verb.toLowerCase() as 'hosts' | 'status' };
    case 'help':
      return { kind: 'help', about: rest[0]?.replace(/^\/tcp$/i, '') || (rest[1] ?? null) };
    default:
      return { kind: 'unknown', word: verb };
  }
}

function check(rest: readonly string[]): SlackCommand {
  const option = rest.find(isOption);
  if (option !== undefined) return { kind: 'option', word: option };
  const [host, ...more] = rest;
  if (host === undefined) return { kind: 'check-without-host' };
  const time = readTime(more);
  if (time.kind === 'interval') return { kind: 'check', host, interval: time.seconds };
  return time.kind === 'bad' ? { kind: 'bad-interval', word: time.word } : { kind: 'too-much', host, word: time.word };
}

/** What a sentence asks for; undefined when it has none of the words for it. Japanese has no blanks around names. */
function inSentence(said: readonly string[], isHost: (word: string) => boolean): readonly string[] | undefined {
  const all = said.flatMap((word) => word.split(/[^!-~]+/).map(unpunctuated)).filter((word) => word !== '');
  const at = all.findIndex((word) => HARMLESS.includes(word.toLowerCase()));
  const [verb, ...rest] = at < 0 ? [] : all.slice(at);
  if (verb === undefined) return undefined;
  if (verb.toLowerCase() === 'help') return [verb];
  if (verb.toLowerCase() !== 'check') return [verb, ...rest];
  return [verb, ...checkIn(all.slice(0, at), rest, isHost)];
}

/** The host, its time, further hosts and options; "please" and the like are left out. */
function checkIn(
  before: readonly string[],
  after: readonly string[],
  isHost: (word: string) => boolean,
): readonly string[] {
  const options = after.filter(isOption);
  const [hosts, earlier] = [after.filter(isHost), before.filter(isHost)];
  const other = after.filter((word) => !isOption(word)).slice(0, 1);
  const named = [hosts, earlier, other].find((names) => names.length > 0) ?? [];
  return [...named, ...(named.length > 1 ? [] : timeIn(after.slice(after.indexOf(named[0] ?? '') + 1))), ...options];
}

/** `30s`, `30 s`, and after "for" any number, with or without a unit; "in 5 minutes" is no time between samples. */
function timeIn(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word, index) => isTime(word, words[index - 1], words[index + 1]));
  if (at < 0) return [];
  return /^\d+$/.test(words[at] ?? '') ? words.slice(at, at + 2) : words.slice(at, at + 1);
}

function isTime(word: string, before = '', after = ''): boolean {
  if (/^\d+$/.test(word)) return before.toLowerCase() === 'for' || /^[sm]$/i.test(after);
  return looksLikeInterval(word);
}

/** Phones make one long dash of two. */
function isOption(word: string): boolean {
  return /^(?:--?|[–—])[a-z]/i.test(word);
}

function isVerb(word: string): boolean {
  return (VERBS as readonly string[]).includes(word);
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
