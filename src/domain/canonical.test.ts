import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonical } from './canonical.ts';

it('is the same text for years: digests that are kept somewhere are made of it', () => {
  const value = { to: '1', at: new Date(0), none: undefined, from: null, steps: [{ z: 1.5, 'a"b': 'é\n' }, [], true] };
  expect(canonical({ ...value, 10: 'ten', 9: 'nine' })).toBe(
    '{"10":"ten","9":"nine","at":"1970-01-01T00:00:00.000Z","from":null,"steps":[{"a\\"b":"é\\n","z":1.5},[],true],"to":"1"}',
  );
  expect(canonical(undefined)).toBe('null');
});

it('does not depend on the order of fields, and loses nothing', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonical(reversed)).toBe(canonical(value));
      expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
