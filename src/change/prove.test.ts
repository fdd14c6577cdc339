import { describe, expect, it } from 'vitest';
import { fact } from '#domain/fact.ts';
import { prove } from './prove.ts';

const goals = [
  { number: 'recycled', wants: 'above', value: 0, within: 10 },
  { number: 'share', wants: 'at-most', value: 0.5, within: 10 },
] as const;
const measures = (recycled: number | null, share: number | null) => ({
  recycled: fact(recycled, 'per-second', 'x'),
  share: fact(share, 'ratio', 'x'),
});

describe('the proof', () => {
  it.each([
    ['every number came to what was wanted', measures(0, 1), measures(90, 0.3), 'cured'],
    ['one did, and the other came nearer', measures(0, 1), measures(90, 0.7), 'better'],
    ['one did not move', measures(0, 1), measures(90, 1), 'better'],
    ['nothing moved', measures(0, 1), measures(0, 0.99), 'no-effect'],
    ['one moved away', measures(0, 0.6), measures(0, 0.9), 'worse'],
    ['one moved away although the other is met', measures(0, 0.6), measures(90, 0.9), 'worse'],
    ['what was measured before is not known', measures(null, null), measures(90, 0.2), 'cured'],
    ['one cannot be measured', measures(0, 1), measures(null, 0.2), 'better'],
    ['nothing can be measured', measures(0, 1), measures(null, null), 'unknown'],
    ['a goal was met all along and nothing else happened', measures(5, 1), measures(5, 1), 'no-effect'],
  ])('%s', (_, before, after, verdict) => {
    expect(prove(goals, before, after)).toBe(verdict);
  });

  it.each([
    ['better', 80, 30],
    ['no-effect', 80, 60],
    ['no-effect', 80, 110],
    ['worse', 80, 130],
  ])('is %s of a rate that went from %d to %d: it takes more than bursts', (verdict, before, after) => {
    const goal = { number: 'refused', wants: 'at-most', value: 0, within: 10 } as const;
    const refused = (rate: number) => ({ refused: fact(rate, 'per-second', 'x') });
    expect(prove([goal], refused(before), refused(after))).toBe(verdict);
  });

  it('without numbers is none', () => expect(prove(goals, measures(0, 1), {})).toBe('unknown'));
});
