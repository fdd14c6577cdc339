import { describe, expect, it } from 'vitest';
import { perSecondOf, statGrowth } from '#diagnosis/conntrack-stats.ts';
import { absent, read } from '#domain/reading.ts';

function change(before: Record<string, number>, after: Record<string, number>, seconds = 5) {
  const table = { count: 1, max: 10, buckets: 10, maxIsWritable: true };
  return read({ before: { ...table, stats: before }, after: { ...table, stats: after }, seconds });
}

describe('statGrowth', () => {
  it('is what the column grew by', () => expect(statGrowth(change({ drop: 3 }, { drop: 13 }), 'drop')).toBe(10));

  it('is not known without the column, without a pair, or after the counters began anew', () => {
    expect(statGrowth(change({}, {}), 'clashres')).toBeNull();
    expect(statGrowth(absent('conntrack'), 'drop')).toBeNull();
    expect(statGrowth(change({ drop: 9 }, { drop: 2 }), 'drop')).toBeNull();
  });
});

describe('perSecondOf', () => {
  it('divides by the interval', () => expect(perSecondOf(10, change({}, {}))).toBe(2));

  it('is not known when the growth is not, or no time passed', () => {
    expect(perSecondOf(null, change({}, {}))).toBeNull();
    expect(perSecondOf(10, change({}, {}, 0))).toBeNull();
  });
});
