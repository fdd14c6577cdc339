import { beforeAll, describe, expect, it } from 'vitest';
import { loadKindCards } from '#catalogue.ts';
import type { Proof } from '#domain/change.ts';
import type { Scalar } from '#domain/fact.ts';
import type { Plan } from '#domain/plan.ts';
import type { KindCard } from '#render/kind-card.ts';
import { proposedChange } from '../../../test/bot/change-samples.ts';

const AT = new Date('2026-11-27T03:04:05Z');
let card: KindCard;

beforeAll(async () => {
  card = (await loadKindCards('en', null)).get('sysctl') as KindCard;
});

const rate = (value: number | null): Scalar => ({ value, unit: 'per-second', from: 'x' });

/** The goal is about `recycled`. */
function numbers(before: Plan['before'], after: Proof['after']) {
  const goals = [{ number: 'recycled', wants: 'above', value: 0, within: 10 }] as const;
  const about = { fix: 'reuse-time-wait-ports', host: 'web-01', netns: null, kernel: '6.1', risk: 'low' } as const;
  const plan: Plan = { ...about, steps: [], facts: {}, goals, before };
  return card.numbers(proposedChange('aaaaaaaa', plan, AT), { at: AT, after, verdict: 'cured' });
}

describe('the numbers of a proof', () => {
  it('begin with the one that people feel, whatever the goal is about', () => {
    expect(numbers({ recycled: rate(0), opened: rate(17) }, { recycled: rate(82), opened: rate(99) })).toEqual([
      { name: 'new connections a second', before: '17', after: '99' },
      { name: 'ports reused from TIME_WAIT a second', before: '0', after: '82' },
    ]);
  });

  it('are those of the goals, also where they are not known, and others only where they were measured', () => {
    expect(numbers({ recycled: rate(0), opened: rate(null) }, {})).toEqual([
      { name: 'ports reused from TIME_WAIT a second', before: '0', after: null },
    ]);
  });
});
