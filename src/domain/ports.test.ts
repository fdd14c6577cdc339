import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasPort, mergePorts, parsePorts, portsText } from './ports.ts';

const port = fc.integer({ min: 0, max: 60 });
const ranges = fc.array(fc.tuple(port, port).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })));

describe('port ranges', () => {
  it('have the same ports merged, ascending and apart from each other', () => {
    fc.assert(
      fc.property(ranges, port, (list, one) => {
        const merged = mergePorts(list);
        expect(hasPort(merged, one)).toBe(list.some(({ first, last }) => one >= first && one <= last));
        for (const [i, { first }] of merged.entries()) expect(first).toBeGreaterThan((merged[i - 1]?.last ?? -2) + 1);
      }),
    );
  });

  it('are read as they are written', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        expect(parsePorts(portsText(list))).toEqual(mergePorts(list));
      }),
    );
    expect(parsePorts('24224,30000-30010,30011')).toEqual([
      { first: 24_224, last: 24_224 },
      { first: 30_000, last: 30_011 },
    ]);
  });

  it.each(['65536', '20-10', '1,', '-1', 'a', '1-2-3'])('are no list in %s', (text) =>
    expect(parsePorts(text)).toBeUndefined(),
  );
});
