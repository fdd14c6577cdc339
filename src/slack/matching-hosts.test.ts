import { expect, it } from 'vitest';
import { matchingHosts } from './matching-hosts.ts';

const NAMES = ['api-01', 'web-01', 'web-02', 'old-web'];

it.each([
  ['', NAMES],
  ['web', ['web-01', 'web-02', 'old-web']],
  ['WEB-02', ['web-02', 'web-01']],
  ['wbe-01', ['web-01', 'web-02']],
  ['zzz', []],
])('%j', (typed, found) => {
  expect(matchingHosts(typed, NAMES)).toEqual(found);
});
