import { expect, it } from 'vitest';
import { aboutValue } from './change-desk.ts';

it.each([
  ['change:keep', 'abcdefgh.0123456789ab', { change: 'abcdefgh' }],
  ['fix:0', 'abcdefgh.raise-somaxconn', { run: 'abcdefgh' }],
  ['change:keep', 'nothing of ours <!channel>', {}],
])('the log says of %s what it is about', (action, value, about) => {
  expect(aboutValue(action, value)).toEqual({ action, ...about });
});
