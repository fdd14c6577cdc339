/** What the parsers share: walking the non-empty lines of a section, stopping at the first that cannot be read. */
import { garbled, type Missing } from '#domain/reading.ts';

/** Calls `take` with each non-empty line's words and its number; a false answer means the line could not be read. */
export function eachLine(text: string, take: (words: readonly string[], line: string) => boolean): Missing | undefined {
  const all = text.split('\n');
  for (const [index, line] of all.entries()) {
    const words = line.trim().split(/\s+/);
    if (words[0] !== '' && !take(words, line)) return garbled(index + 1, line.trimEnd());
  }
  return undefined;
}

/** Reads the rest of a line into the draft; false = cannot read it. `rest` is everything after the first word. */
export type LineReader<D> = (draft: D, words: readonly string[], rest: string) => boolean;

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

/** A whole number in decimal digits, or undefined. Counters past 2^53 lose their last digits, which no rate needs. */
export function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,20}$/.test(text) ? Number(text) : undefined;
}

/** All words as whole numbers, or undefined when there are not `count` of them or one is not a number. */
export function integers(words: readonly string[], count: number): readonly number[] | undefined {
  const numbers = words.map(integer);
  return numbers.length === count && numbers.every((n) => n !== undefined) ? numbers : undefined;
}
