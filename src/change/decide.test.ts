import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, type ChangeId, stageOf, type Wish } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import { fact } from '#domain/fact.ts';
import type { Plan } from '#domain/plan.ts';
import {
  ALICE,
  approvalOf,
  approving,
  BOB,
  CAROL,
  changeOf,
  gateOf,
  hashOfGate,
  KIND,
  minutesLater,
  NOW,
  onTrial,
  planOf,
  stepOf,
  takingBack,
  withApprovals,
} from '../../test/bot/example-change.ts';
import { type ChangeEvent, decide } from './decide.ts';

const OTHER = 'cccccccc' as ChangeId;
const after = (minutes: number) => minutesLater(minutes);

function twoNeeded(): Change<Plan> {
  const [apply, keep] = [
    gateOf('apply', { needs: { approvals: 2, outside: false }, expiresAt: after(30) }),
    gateOf('keep'),
  ];
  return changeOf({ gates: [apply, keep] });
}

/** What an event makes of a change; throws where it is refused. */
function moved(change: Change, event: ChangeEvent, at = NOW): Change {
  const decided = decide(KIND, change, event, at);
  if (decided.kind !== 'moved') throw new Error(decided.why);
  return decided.change;
}

function refusal(change: Change, event: ChangeEvent, at = NOW): string {
  const decided = decide(KIND, change, event, at);
  if (decided.kind !== 'refused') throw new Error('it moved');
  return decided.why;
}

const done = (gate: string, fields: Partial<Extract<ChangeEvent, { kind: 'done' }>> = {}): ChangeEvent => ({
  kind: 'done',
  gate,
  reverts: null,
  artefact: null,
  remarks: [],
  seen: 0,
  ...fields,
});
const fail = (asked: Change): ChangeEvent => ({
  kind: 'fail',
  failure: { code: 'drift', detail: '' },
  stage: stageOf(asked),
});
/** The host's answer to a worker that asked it when the change was so. */
const longerUntil = (minutes: number, { state }: Change): ChangeEvent => ({
  kind: 'extended',
  reverts: after(minutes),
  asked: 'wish' in state ? state.wish : null,
});
const wish = (what: Wish['what'], by: Actor): ChangeEvent => ({ kind: 'wish', what, by });
const queued = () => moved(changeOf(), approving(BOB, changeOf()));
const working = () => moved(queued(), { kind: 'start' });
/** On trial, with somebody's approval of `keep` that a worker is on. */
const keeping = () => moved(moved(onTrial(), approving(BOB, onTrial())), { kind: 'start' });

describe('a review of what one person did alone', () => {
  const alone = changeOf({
    breakGlass: true,
    review: { reminders: 0, done: null },
    state: { kind: 'ended', at: NOW, end: { how: 'expired' } },
  });
  const review = (by: Actor): ChangeEvent => ({ kind: 'review', by });

  it('is by another person, once, and ends the reminders', () => {
    expect(refusal(alone, review(ALICE))).toBe('own-change');
    expect(moved(alone, { kind: 'remind' }).review).toEqual({ reminders: 1, done: null });
    const looked = moved(alone, review(BOB));
    expect(looked.review).toEqual({ reminders: 0, done: { by: BOB, at: NOW } });
    expect(refusal(looked, review(CAROL))).toBe('decided');
    expect(refusal(looked, { kind: 'remind' })).toBe('over');
  });

  it('is not asked for where two people decided, and not before there is something to look at', () => {
    expect(refusal(changeOf(), review(BOB))).toBe('over');
    const { breakGlass, review: open } = alone;
    for (const beginning of [queued(), working()])
      expect(refusal({ ...beginning, breakGlass, review: open }, review(BOB))).toBe('not-yet');
  });
});

describe('an approval', () => {
  it('is for the text the approver saw, by somebody else, in time', () => {
    expect(queued()).toMatchObject({
      state: { kind: 'queued', gate: 0, reverts: null, holder: null, away: null },
      revision: 1,
    });
    expect(queued().gates[0]?.approvals).toEqual([approvalOf(changeOf(), 0, BOB)]);
    expect(refusal(changeOf(), approving(ALICE, changeOf()))).toBe('own-change');
    expect(refusal(changeOf(), approving(BOB, changeOf({ revertMinutes: 11 })))).toBe('another-plan');
    expect(refusal(changeOf(), approving(BOB, changeOf()), after(30))).toBe('expired');
  });

  it('of one gate is none of another', () => {
    const trial = onTrial();
    expect(refusal(trial, approving(BOB, trial, { hash: hashOfGate(trial, 0) }))).toBe('another-plan');
    expect(moved(trial, approving(BOB, trial)).state).toMatchObject({ kind: 'queued', gate: 1, reverts: after(10) });
    expect(refusal(trial, approving(ALICE, trial))).toBe('own-change');
    expect(refusal(trial, approving(BOB, trial), after(10))).toBe('expired');
  });

  it('is single, and as many are needed as the policy says, from different people', () => {
    const one = twoNeeded();
    const first = moved(one, approving(BOB, one));
    expect(first.state.kind).toBe('waiting');
    expect(refusal(first, approving(BOB, one))).toBe('approved-already');
    const second = moved(first, approving(CAROL, one));
    expect(second.state.kind).toBe('queued');
    expect(second.gates[0]?.approvals.map(({ by }) => by)).toEqual([BOB, CAROL]);
  });

  it('may drop steps and shorten the trial, never add or lengthen', () => {
    const one = changeOf();
    const parts = ['net.ipv4.tcp_tw_reuse'];
    const narrowed = moved(one, approving(BOB, one, { narrowed: { parts, revertMinutes: 5 } })) as Change<Plan>;
    expect(narrowed).toMatchObject({ revertMinutes: 5, state: { kind: 'queued' } });
    expect(narrowed.plan.steps.map(({ key }) => key)).toEqual(parts);
    expect(narrowed.gates[0]?.approvals[0]?.hash).toBe(hashOfGate(narrowed, 0));
    expect(hashOfGate(narrowed, 0)).not.toBe(hashOfGate(one, 0));
    for (const wider of [
      { parts: [...parts, 'net.ipv4.tcp_rfc1337'], revertMinutes: 5 },
      { parts, revertMinutes: 11 },
      { parts: [], revertMinutes: 5 },
      { parts, revertMinutes: 0 },
      { parts, revertMinutes: 2.5 },
      { parts, revertMinutes: Number.NaN },
    ])
      expect(refusal(one, approving(BOB, one, { narrowed: wider }))).toBe('widened');
  });

  it('leaves nothing out that was done already', () => {
    const narrowed = { parts: ['net.ipv4.tcp_tw_reuse'], revertMinutes: 5 };
    expect(refusal(onTrial(), approving(BOB, onTrial(), { narrowed }))).toBe('widened');
    // The host takes back all that was kept, or nothing.
    expect(refusal(takingBack(), approving(BOB, takingBack(), { narrowed }))).toBe('widened');
  });

  it('of a narrower plan does not count those of the wider one', () => {
    const one = twoNeeded();
    const narrowed = { parts: ['net.ipv4.tcp_tw_reuse'], revertMinutes: 10 };
    const second = moved(moved(one, approving(BOB, one)), approving(CAROL, one, { narrowed }));
    expect(second.state.kind).toBe('waiting');
    expect(second.gates[0]?.approvals.map(({ by }) => by)).toEqual([CAROL]);
    expect(moved(second, approving(BOB, second)).state.kind).toBe('queued');
  });

  it('counts only outside Slack where the policy says so', () => {
    const outside = gateOf('apply', { needs: { approvals: 1, outside: true }, expiresAt: after(30) });
    const one = changeOf({ gates: [outside, gateOf('keep')] });
    const signature = 'c2lnbmVk';
    expect(refusal(one, approving(BOB, one))).toBe('needs-outside');
    expect(moved(one, approving(BOB, one, { signature })).gates[0]?.approvals[0]).toMatchObject({ by: BOB, signature });
    const narrowed = { parts: ['net.ipv4.tcp_tw_reuse'], revertMinutes: 10 };
    expect(refusal(one, approving(BOB, one, { narrowed }))).toBe('needs-outside');
    const less = moved(one, approving(BOB, one, { signature, narrowed }));
    expect(less.gates[0]?.approvals).toMatchObject([{ signature, hash: hashOfGate(less, 0) }]);
  });

  it('is for now: a worker that comes back later does not begin', () => {
    expect(refusal(queued(), { kind: 'start' }, after(31))).toBe('expired');
    expect(moved(queued(), { kind: 'expire' }, after(31)).state).toMatchObject({ end: { how: 'expired' } });
    expect(refusal(queued(), { kind: 'expire' }, after(29))).toBe('not-yet');
  });

  it('is for the text as it is when a worker begins', () => {
    const other = { ...queued(), plan: planOf({ steps: [stepOf('net.ipv4.tcp_rfc1337')] }) };
    expect(refusal(other, { kind: 'start' })).toBe('another-plan');
    expect(refusal(withApprovals(queued(), 0, []), { kind: 'start' })).toBe('another-plan');
  });

  it('of a requester is enough in an emergency', () => {
    const alone = { ...onTrial(), breakGlass: true };
    expect(moved(moved(alone, approving(ALICE, alone)), { kind: 'start' }).state.kind).toBe('working');
  });
});

describe('what waits for its gate', () => {
  it('is denied or withdrawn before anything is on a host, and not afterwards', () => {
    const deny: ChangeEvent = { kind: 'deny', by: BOB, reason: 'not today' };
    expect(moved(changeOf(), deny).state).toMatchObject({ end: { how: 'denied', by: BOB, reason: 'not today' } });
    expect(moved(changeOf(), { kind: 'withdraw', by: ALICE }).state).toMatchObject({ end: { how: 'withdrawn' } });
    expect(refusal(changeOf(), deny, after(30))).toBe('expired');
    // What is approved may wait for its host for hours.
    expect(moved(queued(), deny, after(60)).state).toMatchObject({ end: { how: 'denied', by: BOB } });
    expect(moved(queued(), { kind: 'withdraw', by: ALICE }).state).toMatchObject({ end: { how: 'withdrawn' } });
    for (const late of [working(), onTrial(), keeping()]) {
      expect(refusal(late, deny)).toBe('decided');
      expect(refusal(late, { kind: 'withdraw', by: ALICE })).toBe('decided');
    }
  });

  it('makes room for a newer one only while nobody has approved it', () => {
    const supersede: ChangeEvent = { kind: 'supersede', by: OTHER, asker: ALICE };
    expect(moved(changeOf(), supersede).state).toMatchObject({ end: { how: 'superseded', by: OTHER } });
    for (const late of [queued(), working(), onTrial()]) expect(refusal(late, supersede)).toBe('decided');
  });

  it('does not expire on trial: that is for the host', () => {
    for (const late of [onTrial(), moved(onTrial(), approving(BOB, onTrial()))])
      expect(refusal(late, { kind: 'expire' }, after(60))).toBe('decided');
  });

  it.each([
    ['denied', { how: 'denied', by: BOB, reason: 'no' }],
    ['withdrawn', { how: 'withdrawn', by: ALICE }],
    ['expired', { how: 'expired' }],
    ['superseded', { how: 'superseded', by: OTHER }],
    ['over', { how: 'done', by: BOB, remarks: [] }],
    ['over', { how: 'failed', failure: { code: 'drift', detail: '' } }],
  ] as const)('and has ended says how: %s', (why, end) => {
    const over = changeOf({ state: { kind: 'ended', at: NOW, end } });
    for (const event of [approving(BOB, changeOf()), wish('revert', BOB), { kind: 'start' } as const, done('apply')])
      expect(refusal(over, event)).toBe(why);
  });
});

describe('what is approved and waits for its host', () => {
  it('says for which change it waits, once for each', () => {
    const waits = moved(queued(), { kind: 'wait', holder: OTHER, away: null });
    expect(waits.state).toMatchObject({ kind: 'queued', holder: OTHER, away: null });
    expect(refusal(waits, { kind: 'wait', holder: OTHER, away: null })).toBe('decided');
    expect(moved(waits, { kind: 'start' }).state.kind).toBe('working');
    expect(refusal(working(), { kind: 'wait', holder: OTHER, away: null })).toBe('decided');
  });

  it('says which host does not answer, once', () => {
    const waits = moved(queued(), { kind: 'wait', holder: null, away: 'web-01' });
    expect(waits.state).toMatchObject({ kind: 'queued', holder: null, away: 'web-01' });
    expect(refusal(waits, { kind: 'wait', holder: null, away: 'web-01' })).toBe('decided');
  });
});

describe('an order that the host has never heard of', () => {
  const requeue = ({ revision: seen }: Change): ChangeEvent => ({ kind: 'requeue', seen, away: null });

  it('leaves what was approved approved, in time and as long as nobody wants its end', () => {
    const again = moved(working(), requeue(working()));
    expect(again).toMatchObject({ gates: working().gates, state: { kind: 'queued', gate: 0, holder: null } });
    expect(moved(again, { kind: 'start' }).state.kind).toBe('working');
    const unclear = moved(working(), { kind: 'lose', why: 'gone' });
    expect(moved(unclear, requeue(unclear)).state.kind).toBe('queued');
    expect(refusal(working(), requeue(working()), after(30))).toBe('expired');
    const ending = moved(working(), wish('cancel', BOB));
    expect(moved(ending, requeue(ending)).state).toMatchObject({
      end: { how: 'failed', failure: { code: 'cancelled' } },
    });
  });

  it('is none of what has moved on, or is on trial', () => {
    expect(refusal(working(), { kind: 'requeue', seen: 0, away: null })).toBe('decided');
    for (const other of [changeOf(), queued(), onTrial()]) expect(refusal(other, requeue(other))).toBeTruthy();
    expect(refusal(keeping(), requeue(keeping()))).toBe('expired');
  });
});

describe('the work behind a gate', () => {
  it('opens the next gate when it is done, for as long as the host waits', () => {
    const applied = moved(working(), done('apply', { reverts: after(10) }));
    expect(applied.state).toEqual({ kind: 'waiting', at: NOW, gate: 1, reverts: after(10), wish: null, dropped: null });
    expect(applied.gates[1]).toMatchObject({ expiresAt: after(10), approvals: [] });
  });

  it('without a trial opens it for as long as the rule says, bound to what was made', () => {
    const built = moved(working(), done('apply', { artefact: 'f'.repeat(64) }));
    expect(built.gates[1]).toMatchObject({ expiresAt: after(30), artefact: 'f'.repeat(64) });
    expect(built.state).toMatchObject({ kind: 'waiting', gate: 1, reverts: null });
  });

  it('opens it for as long as the rule said of that gate', () => {
    const gates = working().gates.map((gate) => ({ ...gate, expiresMinutes: 720 }));
    expect(moved({ ...working(), gates }, done('apply')).gates[1]).toMatchObject({ expiresAt: after(720) });
  });

  it('is proved in the same step by what the host has measured', () => {
    const measured = { before: { opened: fact(17, 'per-second', 'host') }, after: {}, verdict: 'cured' } as const;
    const proved = moved(working(), done('apply', { reverts: after(10), measured }));
    expect(proved.proofs).toEqual([{ at: NOW, ...measured }]);
    expect(proved.revision).toBe(working().revision + 1);
  });

  it('ends the change when it was the last, in the name of the last who approved it', () => {
    const remarks = [{ what: 'shadowed', key: 'net.ipv4.tcp_tw_reuse', value: '/etc/sysctl.conf' }] as const;
    expect(moved(keeping(), done('keep', { remarks })).state).toEqual({
      kind: 'ended',
      at: NOW,
      end: { how: 'done', by: BOB, remarks },
    });
  });

  it('that nobody asked for is not taken from a host', () => {
    for (const early of [changeOf(), queued()])
      for (const gate of ['apply', 'keep']) expect(refusal(early, done(gate, { reverts: after(10) }))).toBeTruthy();
    expect(refusal(working(), done('build'))).toBe('decided');
    expect(refusal(working(), done('keep'))).toBe('decided');
  });

  it('of the last gate, done by hand on the host during a trial, is nobody’s', () => {
    expect(moved(onTrial(), done('keep')).state).toMatchObject({ end: { how: 'done', by: null } });
  });

  it('is not failed by a worker that asked before another one began it', () => {
    expect(refusal(working(), fail(queued()))).toBe('decided');
    expect(refusal(moved(working(), { kind: 'lose', why: 'gone' }), fail(working()))).toBe('decided');
  });

  it('fails before anything is on trial, and not because more could not be done', () => {
    for (const begun of [queued(), working(), moved(working(), { kind: 'lose', why: 'gone' })])
      expect(moved(begun, fail(begun)).state).toMatchObject({ end: { how: 'failed', failure: { code: 'drift' } } });
    for (const other of [changeOf(), onTrial(), keeping()]) expect(refusal(other, fail(other))).toBeTruthy();
  });
});

describe('a trial', () => {
  const asked = (what: Wish['what']) => moved(onTrial(), wish(what, BOB));

  it('is ended by one person once', () => {
    expect(refusal(asked('revert'), wish('extend', ALICE))).toBe('being-ended');
    expect(refusal(asked('revert'), approving(CAROL, asked('revert')))).toBe('being-ended');
    expect(refusal(moved(onTrial(), approving(BOB, onTrial())), wish('revert', ALICE))).toBe('decided');
  });

  it('that is lost sight of remembers who wanted what', () => {
    const lost = moved(asked('revert'), { kind: 'lose', why: 'timed-out' });
    const wished = { what: 'revert', by: BOB, at: NOW };
    expect(lost.state).toEqual({ kind: 'unclear', at: NOW, gate: 1, why: 'timed-out', wish: wished, began: true });
    expect(moved(keeping(), { kind: 'lose', why: 'timed-out' }).state).toMatchObject({ kind: 'unclear', began: true });
    expect(moved(working(), { kind: 'lose', why: 'timed-out' }).state).toMatchObject({ kind: 'unclear', began: false });
  });

  it('that goes on after what was wanted was not done says what that was, whichever way it came to light', () => {
    const dropped = { what: 'revert', by: BOB, at: NOW };
    const waits = { kind: 'waiting', gate: 1, wish: null, dropped };
    const one = asked('revert');
    expect(moved(one, { kind: 'drop', seen: one.revision }).state).toMatchObject(waits);
    expect(moved(one, done('apply', { reverts: after(10), seen: one.revision })).state).toMatchObject(waits);
    const lost = moved(one, { kind: 'lose', why: 'timed-out' });
    expect(moved(lost, done('apply', { reverts: after(9) })).state).toMatchObject({ ...waits, reverts: after(9) });
  });

  it('that was not kept waits again, with no approval, and says who wanted it and why not', () => {
    const [one, why] = [keeping(), 'foreign net.ipv4.tcp_tw_reuse 0'];
    const back = moved(one, done('apply', { reverts: after(10), seen: one.revision, why }));
    expect(back.state).toMatchObject({ kind: 'waiting', gate: 1, dropped: { what: 'keep', by: BOB, at: NOW, why } });
    expect(back.gates[1]?.approvals).toEqual([]);
    const lost = moved(one, { kind: 'lose', why: 'timed-out' });
    const found = moved(lost, done('apply', { reverts: after(10) }));
    expect(found).toMatchObject({ state: { dropped: { what: 'keep', by: BOB } }, gates: [{}, { approvals: [] }] });
  });

  it('keeps a wish that is younger than what the host said', () => {
    const one = asked('revert');
    expect(refusal(one, { kind: 'drop', seen: one.revision - 1 })).toBe('decided');
    expect(refusal(one, done('apply', { reverts: after(10), seen: one.revision - 1 }))).toBe('decided');
  });

  it('that was prolonged goes on until then, also where that was not known, and nothing was dropped', () => {
    const lost = moved(asked('extend'), { kind: 'lose', why: 'connection-lost' });
    for (const one of [asked('extend'), lost]) {
      const longer = moved(one, longerUntil(20, one));
      expect(longer.state).toMatchObject({ kind: 'waiting', reverts: after(20), wish: null, dropped: null });
      expect(longer.gates[1]?.expiresAt).toEqual(after(20));
    }
  });

  it('that was prolonged is never shortened by a late answer to the press of before, which is no answer to the next', () => {
    const first = asked('extend');
    const longer = moved(first, longerUntil(20, first));
    const second = moved(longer, wish('extend', CAROL), after(1));
    for (const one of [longer, second])
      for (const minutes of [12, 20]) expect(refusal(one, longerUntil(minutes, first))).toBe('decided');
    const waits = { kind: 'waiting', wish: { by: CAROL } };
    expect(moved(second, longerUntil(21, first)).state).toMatchObject({ ...waits, reverts: after(21) });
    // What the host says of this press is newer than all that is known.
    expect(moved(second, longerUntil(18, second)).state).toMatchObject({ reverts: after(18), wish: null });
    const approved = moved(longer, approving(BOB, longer));
    expect(moved(approved, longerUntil(30, first)).state).toMatchObject({ dropped: { what: 'keep', by: BOB } });
    const lost = moved(approved, { kind: 'lose', why: 'gone' });
    expect(refusal(lost, longerUntil(30, first))).toBe('decided');
  });

  it('is prolonged by those only who knew how long it is', () => {
    const first = asked('extend');
    const longer = moved(first, longerUntil(20, first));
    const again = (until: Date): ChangeEvent => ({ kind: 'wish', what: 'extend', by: CAROL, until });
    expect(refusal(longer, again(after(10)))).toBe('decided');
    expect(moved(longer, again(after(20))).state).toMatchObject({ wish: { by: CAROL } });
  });

  it('that was prolonged is approved anew: the approvals were for another moment', () => {
    const approved = withApprovals(asked('extend'), 1, [approvalOf(onTrial(), 1, CAROL)]);
    expect(moved(approved, longerUntil(20, approved)).gates[1]?.approvals).toEqual([]);
  });

  it('that the host ended is undone, by the person who wanted that', () => {
    const undone = (why: 'person' | 'timer'): ChangeEvent => ({ kind: 'undone', why, remarks: [] });
    expect(moved(onTrial(), undone('timer')).state).toMatchObject({ end: { how: 'undone', by: null, why: 'timer' } });
    expect(moved(asked('revert'), undone('person')).state).toMatchObject({ end: { how: 'undone', by: BOB } });
    expect(moved(asked('revert'), undone('timer')).state).toMatchObject({ end: { by: null } });
    expect(moved(asked('extend'), undone('person')).state).toMatchObject({ end: { by: null } });
    for (const early of [changeOf(), queued()]) expect(refusal(early, undone('timer'))).toBeTruthy();
  });

  it('is given up by hand only when its outcome is unknown', () => {
    const abandon: ChangeEvent = { kind: 'abandon', by: BOB };
    for (const known of [changeOf(), queued(), working(), onTrial()]) expect(refusal(known, abandon)).toBeTruthy();
    const lost = moved(onTrial(), { kind: 'lose', why: 'journal-gone' });
    expect(moved(lost, abandon).state).toMatchObject({ end: { how: 'abandoned', by: BOB, why: 'journal-gone' } });
  });

  it('can be taken back by one press at any time that nobody else has decided', () => {
    for (const one of [onTrial(), moved(asked('extend'), longerUntil(20, asked('extend')))])
      expect(moved(one, wish('revert', CAROL)).state).toMatchObject({ wish: { what: 'revert', by: CAROL } });
  });

  it('is measured, and so is what was kept; nothing else is', () => {
    const proved: ChangeEvent = { kind: 'proved', proof: { at: NOW, before: null, after: {}, verdict: 'cured' } };
    const kept = moved(keeping(), done('keep'));
    for (const one of [onTrial(), keeping(), kept]) expect(moved(one, proved).proofs).toHaveLength(1);
    const undone = moved(onTrial(), { kind: 'undone', why: 'timer', remarks: [] });
    for (const one of [changeOf(), queued(), working(), undone]) expect(refusal(one, proved)).toBeTruthy();
  });
});

describe('a wish to end work', () => {
  it('is for work under way alone, and going back is for a trial alone', () => {
    expect(moved(working(), wish('cancel', BOB)).state).toMatchObject({ wish: { what: 'cancel', by: BOB } });
    expect(refusal(working(), wish('revert', BOB))).toBe('decided');
    expect(refusal(onTrial(), wish('cancel', BOB))).toBe('decided');
    for (const what of ['revert', 'extend', 'cancel'] as const) {
      expect(refusal(changeOf(), wish(what, BOB))).toBe('not-yet');
      expect(refusal(queued(), wish(what, BOB))).toBe('decided');
    }
  });
});

const anyEvent = fc.constantFrom(ALICE, BOB, CAROL).chain((by) =>
  fc.constantFrom<(one: Change) => ChangeEvent>(
    (one) => approving(by, one),
    () => approving(by, changeOf()),
    () => ({ kind: 'deny', by, reason: 'no' }),
    () => ({ kind: 'withdraw', by }),
    () => wish('revert', by),
    () => wish('extend', by),
    () => wish('cancel', by),
    () => ({ kind: 'abandon', by }),
    () => ({ kind: 'expire' }),
    () => ({ kind: 'supersede', by: OTHER, asker: ALICE }),
    () => ({ kind: 'wait', holder: OTHER, away: null }),
    () => ({ kind: 'start' }),
    (one) => longerUntil(20, one),
    () => longerUntil(15, moved(onTrial(), wish('extend', by))),
    ({ revision }) => done('apply', { reverts: after(10), seen: revision }),
    ({ revision }) => done('keep', { seen: revision }),
    ({ revision }) => ({ kind: 'drop', seen: revision }),
    (one) => fail(one),
    () => ({ kind: 'lose', why: 'gone' }),
    () => ({ kind: 'undone', why: 'timer', remarks: [] }),
  ),
);

describe('whatever happens, in whatever order', () => {
  it('no gate begins without as many approvals of its text as it needs, by others; each begins in its turn; nothing follows an end', () => {
    const happenings = fc.tuple(
      fc.integer({ min: 1, max: 2 }),
      fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 40 })), { maxLength: 25 }),
    );
    fc.assert(
      fc.property(happenings, ([approvals, events]) => {
        const needs = { approvals, outside: false };
        let current: Change = changeOf({
          gates: [gateOf('apply', { needs, expiresAt: after(30) }), gateOf('keep', { needs })],
        });
        let reached = 0;
        for (const [make, minutes] of events) {
          const event = make(current);
          const decided = decide(KIND, current, event, after(minutes));
          if (decided.kind !== 'moved') continue;
          expect(current.state.kind).not.toBe('ended');
          if (event.kind === 'start') expectApproved(current, approvals);
          expect(decided.change.revision).toBe(current.revision + 1);
          current = decided.change;
          const gate = current.state.kind === 'ended' ? reached : current.state.gate;
          expect([reached, reached + 1]).toContain(gate);
          reached = gate;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function expectApproved(change: Change, needed: number): void {
  const { state, gates, requester } = change;
  if (state.kind !== 'queued') throw new Error('it began twice');
  const hash = hashOfGate(change, state.gate);
  const valid = (gates[state.gate]?.approvals ?? []).filter(
    (each) => each.hash === hash && each.by.id !== requester.id,
  );
  expect(new Set(valid.map(({ by }) => by.id)).size).toBeGreaterThanOrEqual(needed);
}
