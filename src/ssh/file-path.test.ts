import { describe, expect, it } from 'vitest';
import { directoryOf, isPath } from './file-path.ts';

describe('isPath', () => {
  it.each(['a', '/boot/config-6.1.0', '.tcp-oncall/kernel/x/in/a~b+c_1.deb', '-rf', '日本語', 'a b'])(
    'takes %j',
    (path) => expect(isPath(path)).toBe(true),
  );

  it.each([
    '',
    '/',
    '//x',
    '../x',
    'a/..',
    'a/../b',
    '.',
    'a//b',
    'a/',
    'a\nb',
    'a\0b',
    'a\u009bb',
    `${'a/'.repeat(500)}ab`,
  ])('refuses %j', (path) => expect(isPath(path)).toBe(false));
});

describe('directoryOf', () => {
  it.each([
    ['a/b/c', 'a/b'],
    ['a', ''],
    ['/a', ''],
  ])('%j is in %j', (path, directory) => expect(directoryOf(path)).toBe(directory));
});
