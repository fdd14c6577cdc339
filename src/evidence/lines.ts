/** What the parsers share: walking the non-empty lines of a section, stopping at the first that cannot be read. */
import { garbled, type Missing, unreadable } from '#domain/reading.ts';

/** False: the line cannot be read. `too-long`: it can, but there are more of its kind than our fragment prints. */
type Taken = boolean | 'too-long';

/** Calls `take` with each non-empty line's words, the line itself, and its number, which counts from 1. */
export function eachLine(
  text: string,
  take: (words: readonly string[], line: string, number: number) => Taken,
): Missing | undefined {
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const words = line.trim().split(/\s+/);
    const taken = words[0] === '' || take(words, line, number);
    if (taken === 'too-long') return unreadable('too-long', `line ${number}: ${line.trim()}`);
    if (!taken) return garbled(number, line.trimEnd());
  }
  return undefined;
}

/** Adds to a list that a rule looks through, unless it has as many as no fragment prints. */
export function addUpTo<T>(most: number, list: T[], item: T): true | 'too-long' {
  if (list.length >= most) return 'too-long';
  list.push(item);
  return true;
}

/** Reads the rest of a line into the draft; false = cannot read it. `rest` is everything after the first word. */
export type LineReader<D> = (draft: D, words: readonly string[], rest: string) => Taken;

/** For sections whose lines say by their first word what they are; a word without a reader cannot be read. */
export function eachKind<D>(
  text: string,
  draft: D,
  readers: Readonly<Record<string, LineReader<D>>>,
): Missing | undefined {
  return eachLine(text, ([kind = '', ...words], line) => {
    // Not every word is ours: `constructor` is a property of any object.
    const reader = Object.hasOwn(readers, kind) ? readers[kind] : undefined;
    return reader?.(draft, words, line.trim().slice(kind.length).trim()) ?? false;
  });
}

/** What the kernel counts in an int: sockets, processes, seconds. */
export const INT_MAX = 2 ** 31 - 1;

/** An unsigned int, which is what limits and inodes are. */
export const UINT_MAX = 2 ** 32 - 1;

/** Counters and limits of 64 bits. Numbers past 2^53 lose their last digits, which no rate needs. */
export const LONG_MAX = 2 ** 64;

/** How many of something there are: decimal digits, no sign, no more than the kernel's own type holds; else undefined. */
export function count(text: string | undefined, most = INT_MAX): number | undefined {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return undefined;
  return Number(text) <= most ? Number(text) : undefined;
}

/** All words as counts, or undefined when there are not `length` of them or one is none. */
export function counts(words: readonly string[], length: number, most = INT_MAX): readonly number[] | undefined {
  const numbers = words.map((word) => count(word, most));
  return numbers.length === length && numbers.every((n) => n !== undefined) ? numbers : undefined;
}

export function portNumber(text: string | undefined): number | undefined {
  return count(text, 65_535);
}
