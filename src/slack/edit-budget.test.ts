import { expect, it } from 'vitest';
import { createEditBudget } from './edit-budget.ts';

it('allows a burst, then as many as come back by the minute', () => {
  let now = 0;
  const budget = createEditBudget(3, 60, () => now);
  expect([1, 2, 3, 4].map(() => budget.take())).toEqual([true, true, true, false]);
  now += 1000;
  expect([1, 2].map(() => budget.take())).toEqual([true, false]);
  now += 3_600_000;
  expect([1, 2, 3, 4].map(() => budget.take())).toEqual([true, true, true, false]);
});
