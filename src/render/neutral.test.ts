import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/hostile/any-text.ts';
import { neutralise, neutralJson, neutralJsonLine } from './neutral.ts';

describe('neutralise', () => {
  it('shows what would have moved the cursor, and leaves text alone', () => {
    expect(neutralise('a\u001b[31mb\u0007\u009b2J')).toBe('a\\x1b[31mb\\x07\\x9b2J');
    expect(neutralise('user\u202etxt')).toBe('user\\u202etxt');
    expect(neutralise('特定の宛先 é 🙂')).toBe('特定の宛先 é 🙂');
  });

  it('cuts what no terminal should have to wrap', () => {
    expect(neutralise('x'.repeat(1_000_000))).toBe(`${'x'.repeat(2000)}…`);
  });

  it('leaves nothing that a terminal obeys', () => {
    fc.assert(fc.property(anyText(), (text) => !/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(neutralise(text))));
  });
});

describe.each([neutralJson, neutralJsonLine])('%o', (write) => {
  it('is the same data, without a raw control character', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const json = write({ text });
        expect(JSON.parse(json)).toEqual({ text });
        expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028-\u202e]/u);
      }),
    );
  });
});
