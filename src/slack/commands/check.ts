/** /tcp check <host> [for <time>], and how a sentence asks for it. */
import { looksLikeInterval, readTime } from '#domain/interval.ts';
import type { ProblemDetails } from '#render/slack/problem.ts';
import { check, type Wanted } from '../check.ts';
import { defineCommand } from './command.ts';

const SAYS = ['no-host', 'bad-interval', 'too-much', 'option'] as const;

/** What cannot be carried out says why; `too-much`: more than one host, or something else behind the host. */
type Read = Wanted | { readonly says: (typeof SAYS)[number]; readonly details: ProblemDetails };

export const checkCommand = defineCommand({
  verb: 'check',
  anywhere: true,
  says: SAYS,
  inSentence: checkIn,
  read,
  carryOut: (wanted, { place, asked, desk, say }) =>
    'says' in wanted ? say(wanted.says, wanted.details) : check(wanted, place, asked, desk),
});

function read(words: readonly string[]): Read {
  const option = words.find(isOption);
  // Only the terminal has them.
  if (option !== undefined) return { says: 'option', details: { word: option } };
  const [host, ...more] = words;
  if (host === undefined) return { says: 'no-host', details: {} };
  const time = readTime(more);
  if (time.kind === 'interval') return { host, interval: time.seconds };
  return { says: time.kind === 'bad' ? 'bad-interval' : 'too-much', details: { host, word: time.word } };
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
