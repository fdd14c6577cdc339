import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['10s', 10_000],
    ['500ms', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1.5 s', 1500],
    ['10', undefined],
    ['0s', undefined],
    ['-1s', undefined],
    ['30d', 2_592_000_000],
    ['1w', undefined],
    ['', undefined],
  ])('%s: %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));
});
