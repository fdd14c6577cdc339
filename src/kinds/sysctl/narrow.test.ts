import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, Step } from '#domain/plan.ts';
import { keysWith, partsOf } from '#domain/step-needs.ts';
import { narrowPlan } from './narrow.ts';

const step = (key: string, ...needs: string[]): Step => ({ key, from: '0', to: '1', scope: 'netns', files: [], needs });
const planOf = (...steps: Step[]): Plan => ({
  fix: 'widen-local-port-range',
  host: 'web-01',
  netns: null,
  kernel: '6.1.0',
  risk: 'medium',
  steps,
  facts: {},
  goals: [],
  before: {},
});
const keysOf = (plan: Plan | undefined) => plan?.steps.map(({ key }) => key);
const WIDER = planOf(step('reserved'), step('range', 'reserved'), step('reuse'));

describe('less of a plan', () => {
  it('keeps what makes a step safe', () => {
    expect(narrowPlan(WIDER, ['range'])).toBeUndefined();
    expect(keysOf(narrowPlan(WIDER, ['range', 'reserved']))).toEqual(['reserved', 'range']);
    expect(keysOf(narrowPlan(WIDER, ['reuse']))).toEqual(['reuse']);
    expect(keysOf(narrowPlan(WIDER, ['reserved']))).toEqual(['reserved']);
  });

  it('is something, and nothing that the plan does not have', () => {
    expect(narrowPlan(WIDER, [])).toBeUndefined();
    expect(narrowPlan(WIDER, ['reuse', 'somaxconn'])).toBeUndefined();
    expect(narrowPlan(planOf(step('range', 'reserved')), ['range'])).toBeUndefined();
  });

  it('is offered by parts', () => {
    expect(partsOf(WIDER.steps)).toEqual([
      { key: 'reserved', keys: ['reserved'] },
      { key: 'range', keys: ['reserved', 'range'] },
      { key: 'reuse', keys: ['reuse'] },
    ]);
    expect(partsOf([step('a', 'b'), step('b', 'a'), step('c')])).toEqual([
      { key: 'a', keys: ['a', 'b'] },
      { key: 'c', keys: ['c'] },
    ]);
    expect(partsOf([step('a', 'b'), step('b', 'a')])).toEqual([]);
    expect(keysWith('d', WIDER.steps)).toEqual([]);
  });

  const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
  const plans = fc
    .subarray(KEYS, { minLength: 1 })
    .chain((keys) => fc.tuple(...keys.map((key) => fc.subarray(keys).map((needs) => step(key, ...needs)))))
    .map((steps) => planOf(...steps));

  it('never lacks what it needs, and is never less than was chosen', () => {
    fc.assert(
      fc.property(plans, fc.subarray(KEYS), (plan, keys) => {
        const narrowed = narrowPlan(plan, keys);
        if (narrowed === undefined) return;
        const left = keysOf(narrowed);
        expect(left?.toSorted()).toEqual(keys.toSorted());
        for (const { needs } of narrowed.steps) expect(left).toEqual(expect.arrayContaining([...needs]));
      }),
    );
  });

  it('may be every part that is offered, and the whole', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const whole = keysOf(plan) ?? [];
        expect(narrowPlan(plan, whole)).toEqual(plan);
        for (const { key, keys } of partsOf(plan.steps)) {
          expect(keysOf(narrowPlan(plan, keys))).toEqual(keys);
          expect(keys).toContain(key);
          expect(keysWith(key, plan.steps)).toEqual(keys);
        }
        for (const key of whole) expect(narrowPlan(plan, keysWith(key, plan.steps))).toBeDefined();
      }),
    );
  });
});
