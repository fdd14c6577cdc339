import { expect, it } from 'vitest';
import { createEditPace } from './edit-pace.ts';

it('lets each card show progress once in a while, whatever others show', () => {
  let now = 0;
  const pace = createEditPace(10_000, () => now);
  expect(pace.isDue('a')).toBe(true);
  pace.drawn('a');
  expect([pace.isDue('a'), pace.isDue('b')]).toEqual([false, true]);
  now = 9_999;
  expect(pace.isDue('a')).toBe(false);
  now = 10_000;
  expect(pace.isDue('a')).toBe(true);
});

it('remembers no more cards than it has to', () => {
  const pace = createEditPace(10_000, () => 0);
  for (let card = 0; card < 2001; card++) pace.drawn(`${card}`);
  expect([pace.isDue('0'), pace.isDue('2000')]).toEqual([true, false]);
});
