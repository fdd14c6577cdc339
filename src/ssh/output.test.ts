import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherOutput } from './output.ts';

const request = { input: { kind: 'script', script: '' }, deadlineMs: 1, maxBytes: 1_000_000 } as const;

describe('gatherOutput', () => {
  it('decodes characters whole, however their bytes are cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.integer({ min: 1, max: 5 })), (text, sizes) => {
        const parts: string[] = [];
        const output = gatherOutput({ ...request, onStdout: (part) => parts.push(part) });
        let rest = Buffer.from(text);
        for (const size of [...sizes, rest.length]) {
          output.stdout(rest.subarray(0, size));
          rest = rest.subarray(size);
        }
        expect(output.end().stdout).toBe(text);
        expect(parts.join('')).toBe(text);
        expect(parts.filter((part) => part.includes('�'))).toEqual(text.includes('�') ? expect.anything() : []);
      }),
    );
  });

  it('keeps what fits of both streams together, and says when there is more', () => {
    const output = gatherOutput({ ...request, maxBytes: 5 });
    expect([output.stdout(Buffer.from('abc')), output.stderr(Buffer.from('de'))]).toEqual([true, true]);
    expect(output.stdout(Buffer.from('f'))).toBe(false);
    expect(output.end()).toEqual({ stdout: 'abc', stderr: 'de', bytes: 5 });
  });
});
