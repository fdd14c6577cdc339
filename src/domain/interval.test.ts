import { describe, expect, it } from 'vitest';
import { looksLikeInterval, parseInterval } from './interval.ts';

describe('parseInterval', () => {
  it.each([
    ['5s', 5],
    ['5', 5],
    ['60s', 60],
    ['1m', 60],
    ['30 s', 30],
    ['1 M', 60],
  ])('reads %s as %i s', (text, seconds) => expect(parseInterval(text)).toBe(seconds));

  it.each(['0', '0s', '61', '2m', '1.5s', '-5', '5ms', '', 'soon'])('refuses %j', (text) =>
    expect(parseInterval(text)).toBeUndefined(),
  );
});

describe('looksLikeInterval', () => {
  it.each(['2h', '90', '0.5s', '-5', '1 hour'])('%j is one', (text) => expect(looksLikeInterval(text)).toBe(true));
  it.each(['web-02', '10.0.0.11', '--all', 'please', ''])('%j is none', (text) =>
    expect(looksLikeInterval(text)).toBe(false),
  );
});
