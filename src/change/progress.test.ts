import { expect, it } from 'vitest';
import { progressLine } from './progress.ts';

it.each([
  ['compiling 3/8', 'compiling 3/8'],
  ['', ''],
  [' \n\t', ''],
  ['\u001b[31mred\u001b[0m\nand more', '[31mred [0m and more'],
  ['gnp.\u202eexe\u200b', 'gnp. exe'],
  ['コンパイル中 3/8', 'コンパイル中 3/8'],
  ['half \ud800', 'half'],
])('of %j is %j', (said, line) => {
  expect(progressLine(said)).toBe(line);
});

it('is short, and whole to its last character, however much is said', () => {
  const line = progressLine('🐧'.repeat(1_000_000));
  expect(line).toBe('🐧'.repeat(200));
});
