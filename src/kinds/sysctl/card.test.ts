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
  return card.numbers(proposedChange('aaaaaaaa', plan, AT), { at: AT, before: null, after, verdict: 'cured' });
}

describe('a plan whose fix this release has not, or has with other numbers', () => {
  const step = { key: 'net.ipv4.tcp_tw_reuse', from: '2', to: '1', scope: 'netns', files: [], needs: [] } as const;
  const about = { host: 'web-01', netns: null, kernel: '6.1', risk: 'low', steps: [step], facts: {} } as const;
  const plan = (fix: string): Plan => ({ ...about, fix, goals: [], before: { opened: rate(17) } });

  it('is shown by its id and its steps', () => {
    expect(card.plan(plan('a-fix-of-later'))).toEqual({
      title: 'a-fix-of-later',
      steps: [{ name: 'net.ipv4.tcp_tw_reuse', text: '2 → 1' }],
      effects: [],
      also: [],
      parts: [],
    });
    // What names no fact is true of any plan.
    const { title, effects } = card.plan(plan('restore-timestamps'));
    expect([title, effects]).toEqual([expect.stringMatching(/timestamp/), [expect.stringMatching(/new connections/)]]);
  });

  it('has the numbers of its proof under their names', () => {
    const change = proposedChange('aaaaaaaa', plan('a-fix-of-later'), AT);
    const goals = [{ number: 'opened', wants: 'above', value: 0, within: 10 }] as const;
    const proof: Proof = { at: AT, before: null, after: { opened: rate(99) }, verdict: 'cured' };
    expect(card.numbers({ ...change, plan: { ...plan('a-fix-of-later'), goals } } as never, proof)).toEqual([
      { name: 'opened', before: '17', after: '99' },
    ]);
  });
});

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
