import { expect, it } from 'vitest';
import { parseRoles } from './roles.ts';

it.each<[string, readonly string[] | undefined]>([
  ['slack,web', ['slack', 'web']],
  [' worker ', ['worker']],
  ['web,worker,slack,web', ['slack', 'worker', 'web']],
  ['', undefined],
  ['slack,robot', undefined],
])('%j', (text, roles) => {
  expect(parseRoles(text)).toEqual(roles);
});
