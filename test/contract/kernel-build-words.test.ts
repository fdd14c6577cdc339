/** Whatever a kernel build may fail of, people are told in words. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadKindCards } from '#catalogue.ts';
import { LANGUAGES } from '#domain/language.ts';

const FOLDER = new URL('../../src/kinds/kernel/', import.meta.url);
const files = [
  'boot.sh',
  'runner.sh',
  ...readdirSync(new URL('recipes/', FOLDER))
    .filter((name) => name.endsWith('.sh'))
    .map((name) => `recipes/${name}`),
];
const text = files
  .flatMap((file) => readFileSync(new URL(file, FOLDER), 'utf8').split('\n'))
  .filter((line) => !line.trim().startsWith('#'))
  .join('\n');

/** `fail CODE`, `over CODE`, `conclude "failed CODE`, `state failed CODE`, `echo 'CODE text' >failure`, `code=CODE`; and each stage. */
const PATTERNS = [
  /\b(?:fail|over|failed) ([a-z-]+)\b/g,
  /\becho ["']([a-z-]+) [^"'\n]*["'] >failure/g,
  /\bcode=([a-z-]+)/g,
  /\bstage ([a-z]+) (?:&&|\|\|)/g,
];
const codes = [
  ...new Set(PATTERNS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code = '']) => code))),
].sort();

it('the codes are found', () => {
  expect(codes).toEqual(
    expect.arrayContaining(['root', 'time-limit', 'no-inodes', 'wrong-config', 'patch-lost', 'unpack']),
  );
});

it.each(LANGUAGES)('each has a sentence in %s', async (language) => {
  const words = (await loadKindCards(language, null)).get('kernel')?.words;
  const known = Object.keys(words?.failures ?? {});
  expect(codes.filter((code) => !known.includes(`build-${code}`))).toEqual([]);
});
