import { describe, expect, it } from 'vitest';
import { screenOf } from './screen.ts';

describe('screenOf', () => {
  it('is plain and 80 columns wide when piped', () => {
    expect(screenOf({ columns: 200 }, { TERM: 'xterm' })).toEqual({ width: 80, colour: false, tty: false });
  });

  it('is as wide as the terminal, at most 100', () => {
    expect(screenOf({ isTTY: true, columns: 72 }, { TERM: 'xterm' })).toEqual({ width: 72, colour: true, tty: true });
    expect(screenOf({ isTTY: true, columns: 200 }, {}).width).toBe(100);
  });

  it.each([
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ NO_COLOR: '', FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ TERM: 'dumb' }, true, false],
  ])('with %j on a terminal: %s has colour: %s', (env, isTTY, colour) => {
    expect(screenOf({ isTTY, columns: 80 }, env).colour).toBe(colour);
  });
});
