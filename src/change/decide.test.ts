import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, ChangeId } from '#domain/change.ts';
import type { Actor, CheckId } from '#domain/check.ts';
import type { Step } from '#domain/plan.ts';
import { type ChangeEvent, decide } from './decide.ts';
import { planHash } from './plan-hash.ts';

const NOW = new Date('2026-11-27T03:00:00Z');
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const person = (id: string): Actor => ({ surface: 'slack', id });
const [ALICE, BOB, CAROL] = [person('U0ALICE'), person('U0BOB'), person('U0CAROL')];

const step = (key: string): Step => ({ key, from: '2', to: '1', scope: 'netns', files: [], needs: [] });

function change(fields: Partial<Change> = {}): Change {
  const plan = {
    fix: 'reuse-time-wait-ports',
    host: 'web-01',
    netns: '4026531840',
    kernel: '6.1.0',
    risk: 'low' as const,
    steps: [step('net.ipv4.tcp_tw_reuse'), step('net.ipv4.tcp_fin_timeout')],
    facts: {},
    goals: [],
    before: {},
  };
  return {
    id: 'aaaaaaaa' as ChangeId,
    host: 'web-01',
    run: 'bbbbbbbb' as CheckId,
    plan,
    hash: planHash(plan, 10),
    revertMinutes: 10,
    reason: 'ports run out',
    requester: ALICE,
    proposedAt: NOW,
    expiresAt: later(30),
    needs: { approvals: 1, outside: false },
    breakGlass: false,
    review: null,
    approvals: [],
    proofs: [],
    state: { kind: 'proposed' },
    revision: 0,
    ...fields,
  };
}

const approve = (by: Actor, one: Change, more: object = {}): ChangeEvent => ({
  kind: 'approve',
  by,
  hash: one.hash,
  signature: null,
  userGroups: [],
  ...more,
});

describe('a review of what one person did alone', () => {
  const alone = change({ breakGlass: true, review: { reminders: 0, done: null }, state: { kind: 'expired', at: NOW } });
  const review = (by: Actor): ChangeEvent => ({ kind: 'review', by });

  it('is by another person, once, and ends the reminders', () => {
    expect(decide(alone, review(ALICE), NOW)).toEqual({ kind: 'refused', why: 'own-change' });
    const reminded = decide(alone, { kind: 'remind' }, NOW);
    expect(reminded).toMatchObject({ kind: 'moved', change: { review: { reminders: 1, done: null } } });
    const looked = decide(alone, review(BOB), NOW);
    if (looked.kind !== 'moved') throw new Error(looked.why);
    expect(looked.change.review).toEqual({ reminders: 0, done: { by: BOB, at: NOW } });
    expect(decide(looked.change, review(CAROL), NOW)).toEqual({ kind: 'refused', why: 'decided' });
    expect(decide(looked.change, { kind: 'remind' }, NOW)).toEqual({ kind: 'refused', why: 'over' });
  });

  it('is not asked for where two people decided', () => {
    expect(decide(change(), review(BOB), NOW)).toEqual({ kind: 'refused', why: 'over' });
  });
});

describe('an approval', () => {
  it('is for the plan the approver saw, by somebody else, in time', () => {
    const one = change();
    expect(decide(one, approve(BOB, one), NOW)).toMatchObject({
      kind: 'moved',
      change: { state: { kind: 'approved' } },
    });
    expect(decide(one, approve(ALICE, one), NOW)).toEqual({ kind: 'refused', why: 'own-change' });
    expect(decide(one, approve(BOB, { ...one, hash: 'x' }), NOW)).toEqual({ kind: 'refused', why: 'another-plan' });
    expect(decide(one, approve(BOB, one), later(30))).toEqual({ kind: 'refused', why: 'expired' });
  });

  it('is single, and as many are needed as the policy says, from different people', () => {
    const one = change({ needs: { approvals: 2, outside: false } });
    const first = decide(one, approve(BOB, one), NOW);
    if (first.kind !== 'moved') throw new Error('refused');
    expect(first.change.state.kind).toBe('proposed');
    expect(decide(first.change, approve(BOB, one), NOW)).toEqual({ kind: 'refused', why: 'approved-already' });
    const second = decide(first.change, approve(CAROL, one), NOW);
    expect(second).toMatchObject({ change: { state: { kind: 'approved' }, approvals: [{ by: BOB }, { by: CAROL }] } });
  });

  it('may drop steps and shorten the trial, never add or lengthen', () => {
    const one = change();
    const keys = ['net.ipv4.tcp_tw_reuse'];
    const narrowed = decide(one, approve(BOB, one, { narrowed: { keys, revertMinutes: 5 } }), NOW);
    if (narrowed.kind !== 'moved') throw new Error('refused');
    expect(narrowed.change).toMatchObject({ revertMinutes: 5, state: { kind: 'approved' } });
    expect(narrowed.change.plan.steps.map(({ key }) => key)).toEqual(keys);
    expect(narrowed.change.hash).not.toBe(one.hash);
    for (const wider of [
      { keys: [...keys, 'net.ipv4.tcp_rfc1337'], revertMinutes: 5 },
      { keys, revertMinutes: 11 },
      { keys: [], revertMinutes: 5 },
      { keys, revertMinutes: 0 },
      { keys, revertMinutes: 2.5 },
      { keys, revertMinutes: Number.NaN },
    ])
      expect(decide(one, approve(BOB, one, { narrowed: wider }), NOW)).toEqual({ kind: 'refused', why: 'widened' });
  });

  it('of a narrower plan does not count those of the wider one', () => {
    const one = change({ needs: { approvals: 2, outside: false } });
    const first = decide(one, approve(BOB, one), NOW);
    if (first.kind !== 'moved') throw new Error('refused');
    const narrowed = { keys: ['net.ipv4.tcp_tw_reuse'], revertMinutes: 10 };
    const second = decide(first.change, approve(CAROL, one, { narrowed }), NOW);
    expect(second).toMatchObject({ change: { state: { kind: 'proposed' }, approvals: [{ by: CAROL }] } });
  });

  it('counts only outside Slack where the policy says so', () => {
    const one = change({ needs: { approvals: 1, outside: true } });
    expect(decide(one, approve(BOB, one), NOW)).toEqual({ kind: 'refused', why: 'needs-outside' });
    expect(decide(one, approve(BOB, one, { signature: 'c2lnbmVk' }), NOW)).toMatchObject({ kind: 'moved' });
  });

  it('is for now: a worker that comes back later does not apply it', () => {
    const one = change({ state: { kind: 'approved', at: NOW } });
    expect(decide(one, { kind: 'start' }, later(31))).toEqual({ kind: 'refused', why: 'expired' });
    expect(decide(one, { kind: 'expire' }, later(31))).toMatchObject({ change: { state: { kind: 'expired' } } });
  });
});

describe('a trial', () => {
  const trial = { kind: 'on-trial', at: NOW, until: later(10), wanted: null, dropped: null } as const;
  const onTrial = change({ state: trial });

  it('is ended by one person once', () => {
    const wanted = decide(onTrial, { kind: 'want', what: 'keep', by: BOB }, NOW);
    if (wanted.kind !== 'moved') throw new Error('refused');
    expect(decide(wanted.change, { kind: 'want', what: 'revert', by: ALICE }, NOW)).toEqual({
      kind: 'refused',
      why: 'being-ended',
    });
  });

  it('that nobody knows the outcome of remembers who wanted what', () => {
    const wanted = { what: 'keep' as const, by: BOB, at: NOW };
    const lost = decide({ ...onTrial, state: { ...trial, wanted } }, { kind: 'lose', why: 'timed-out' }, NOW);
    expect(lost).toMatchObject({ change: { state: { kind: 'outcome-unknown', wanted, began: true } } });
    const kept = { kind: 'kept', at: NOW, by: BOB, shadowed: {}, dropped: null } as const;
    const lose: ChangeEvent = { kind: 'lose', why: 'undo-failed' };
    expect(decide(change({ state: { ...kept, wanted: null } }), lose, NOW)).toMatchObject({ kind: 'refused' });
    expect(decide(change({ state: { ...kept, wanted } }), lose, NOW)).toMatchObject({ kind: 'moved' });
  });

  it('that goes on after nobody did what was wanted says what that was, whichever way it came to light', () => {
    const wanted = { what: 'keep' as const, by: BOB, at: NOW };
    const asked = change({ state: { ...trial, wanted } });
    expect(decide(asked, { kind: 'unwant', seen: asked.revision }, NOW)).toMatchObject({
      change: { state: { kind: 'on-trial', wanted: null, dropped: wanted } },
    });
    const lost = decide(asked, { kind: 'lose', why: 'timed-out' }, NOW);
    if (lost.kind !== 'moved') throw new Error('refused');
    expect(decide(lost.change, { kind: 'applied', until: later(10) }, NOW)).toMatchObject({
      change: { state: { kind: 'on-trial', wanted: null, dropped: wanted } },
    });
  });

  it('goes on with the host’s reason where the host refused', () => {
    const wanted = { what: 'keep' as const, by: BOB, at: NOW };
    const why = 'foreign net.ipv4.tcp_tw_reuse 0';
    expect(
      decide(change({ state: { ...trial, wanted } }), { kind: 'unwant', seen: change({}).revision, why }, NOW),
    ).toMatchObject({
      change: { state: { kind: 'on-trial', wanted: null, dropped: { ...wanted, why } } },
    });
  });

  it('keeps a wish that is younger than what the host said', () => {
    const wanted = { what: 'revert' as const, by: BOB, at: NOW };
    const asked = change({ state: { ...trial, wanted }, revision: 7 });
    expect(decide(asked, { kind: 'unwant', seen: 5 }, NOW)).toMatchObject({ kind: 'refused' });
  });

  it('that was prolonged while nobody knew goes on until then, and nothing was dropped', () => {
    const wanted = { what: 'extend' as const, by: BOB, at: NOW };
    const lost = decide(change({ state: { ...trial, wanted } }), { kind: 'lose', why: 'connection-lost' }, NOW);
    if (lost.kind !== 'moved') throw new Error('refused');
    expect(decide(lost.change, { kind: 'extended', until: later(20), by: BOB }, NOW)).toMatchObject({
      change: { state: { kind: 'on-trial', until: later(20), wanted: null, dropped: null } },
    });
  });

  it('is given up by hand only when nobody knows how it stands', () => {
    expect(decide(onTrial, { kind: 'abandon', by: BOB }, NOW)).toEqual({ kind: 'refused', why: 'decided' });
    const lost = decide(onTrial, { kind: 'lose', why: 'journal-gone' }, NOW);
    if (lost.kind !== 'moved') throw new Error('refused');
    expect(decide(lost.change, { kind: 'abandon', by: BOB }, NOW)).toMatchObject({
      change: { state: { kind: 'abandoned', by: BOB, why: 'journal-gone' } },
    });
  });

  it('that is over says so', () => {
    const kept = change({ state: { kind: 'kept', at: NOW, by: BOB, shadowed: {}, wanted: null, dropped: null } });
    expect(decide(kept, { kind: 'want', what: 'keep', by: BOB }, NOW)).toEqual({ kind: 'refused', why: 'over' });
    expect(decide(kept, approve(BOB, kept), NOW)).toEqual({ kind: 'refused', why: 'over' });
  });
});

const event = (one: Change): fc.Arbitrary<ChangeEvent> => {
  const actor = fc.constantFrom(ALICE, BOB, CAROL);
  return fc.oneof(
    actor.map((by) => approve(by, one)),
    actor.map((by): ChangeEvent => ({ kind: 'deny', by, reason: 'no' })),
    actor.map((by): ChangeEvent => ({ kind: 'withdraw', by })),
    actor.map((by): ChangeEvent => ({ kind: 'want', what: 'keep', by })),
    actor.map((by): ChangeEvent => ({ kind: 'kept', by, shadowed: {} })),
    actor.map((by): ChangeEvent => ({ kind: 'abandon', by })),
    fc.constantFrom<ChangeEvent>(
      { kind: 'expire' },
      { kind: 'supersede', by: 'cccccccc' as ChangeId },
      { kind: 'start' },
      { kind: 'applied', until: later(10) },
      { kind: 'fail', failure: { code: 'drift', detail: '' } },
      { kind: 'lose', why: 'gone' },
      { kind: 'reverted', by: null, why: 'timer', conflicts: {} },
    ),
  );
};

describe('whatever happens, in whatever order', () => {
  it('nothing is applied without as many approvals of that plan as it needs, by others, and never twice', () => {
    const needs = fc.record({ approvals: fc.integer({ min: 1, max: 2 }), outside: fc.constant(false) });
    const happenings = needs.chain((need) => {
      const one = change({ needs: need });
      return fc.tuple(
        fc.constant(one),
        fc.array(fc.tuple(event(one), fc.integer({ min: 0, max: 40 })), { maxLength: 25 }),
      );
    });
    fc.assert(
      fc.property(happenings, ([first, events]) => {
        let [current, applications] = [first, 0];
        for (const [happening, minutes] of events) {
          const decided = decide(current, happening, later(minutes));
          if (decided.kind !== 'moved') continue;
          if (happening.kind === 'start') {
            applications += 1;
            const valid = decided.change.approvals.filter(
              ({ by, hash }) => hash === decided.change.hash && by.id !== decided.change.requester.id,
            );
            expect(new Set(valid.map(({ by }) => by.id)).size).toBeGreaterThanOrEqual(first.needs.approvals);
          }
          expect(decided.change.revision).toBe(current.revision + 1);
          current = decided.change;
        }
        expect(applications).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });
});
