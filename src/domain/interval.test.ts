import { describe, expect, it } from 'vitest';
import { looksLikeInterval, parseInterval, readTime } from './interval.ts';

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

describe('readTime', () => {
  it.each([
    ['', 5],
    ['5s', 5],
    ['for 30s', 30],
    ['FOR 1 m', 60],
    ['30 s', 30],
  ])('%j is %i s', (text, seconds) =>
    expect(readTime(text.split(' ').filter(Boolean))).toEqual({ kind: 'interval', seconds }),
  );

  it.each([
    ['2h', 'bad', '2h'],
    ['for', 'bad', 'for'],
    ['for ever', 'bad', 'ever'],
    ['web-02', 'other', 'web-02'],
    ['please 5s', 'other', 'please 5s'],
  ])('%j is none', (text, kind, word) => expect(readTime(text.split(' '))).toEqual({ kind, word }));
});
