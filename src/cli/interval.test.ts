import { describe, expect, it } from 'vitest';
import { parseInterval } from './interval.ts';

describe('parseInterval', () => {
  it.each([
    ['5s', 5],
    ['5', 5],
    ['60s', 60],
    ['1m', 60],
  ])('reads %s as %i s', (text, seconds) => expect(parseInterval(text)).toBe(seconds));

  it.each(['0', '0s', '61', '2m', '1.5s', '-5', '5ms', '', 'soon'])('refuses %j', (text) =>
    expect(parseInterval(text)).toBeUndefined(),
  );
});
