import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRedact } from './redact.ts';

const redact = createRedact(['0123456789abcdef', undefined, 'abc']);

it.each([
  ['signed with 0123456789abcdef', 'signed with [secret]'],
  ['{"token":"xoxb-1234-5678-abcDEF"}', '{"token":"[secret]"}'],
  ['xapp-1-A0000-111-deadbeef and xoxp-1234567', '[secret] and [secret]'],
  ['connect redis://bot:hunter22@cache:6379 failed', 'connect redis://bot:[secret]@cache:6379 failed'],
  ['abc is too short to be taken out', 'abc is too short to be taken out'],
])('%s', (line, redacted) => {
  expect(redact(line)).toBe(redacted);
});

it('leaves no known secret in any line', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      (before, after) => !redact(`${before}0123456789abcdef${after}`).includes('0123456789abcdef'),
    ),
  );
});

it('leaves no line of a key in a line of JSON', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIKabcdef\n-----END PRIVATE KEY-----\n';
  expect(createRedact([key])(JSON.stringify({ err: key }))).not.toContain('MC4CAQAwBQYDK2VwBCIEIK');
});
