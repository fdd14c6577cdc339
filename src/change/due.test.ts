import { describe, expect, it } from 'vitest';
import type { ChangeId, ChangeState } from '#domain/change.ts';
import { BOB, changeOf, gateOf, KIND, minutesLater, NOW, onTrial } from '../../test/bot/example-change.ts';
import { FOUR_GATES_KIND } from '../../test/bot/four-gates/kind.ts';
import { askAgain, dueOf, isOverdue, taskKey } from './due.ts';

const seconds = (count: number) => new Date(NOW.getTime() + count * 1000);
const withState = (state: ChangeState) => ({ ...onTrial(), state, revision: 7 });
const queued = (reverts: Date | null, gate = 0): ChangeState => ({
  kind: 'queued',
  at: NOW,
  gate,
  reverts,
  holder: null,
  away: null,
});
const unclear: ChangeState = { kind: 'unclear', at: NOW, gate: 1, why: 'gone', wish: null, began: true };
const working: ChangeState = { kind: 'working', at: NOW, gate: 0, reverts: null, wish: null, running: false };
const trial = (wish: 'revert' | null): ChangeState => ({
  kind: 'waiting',
  at: NOW,
  gate: 1,
  reverts: minutesLater(10),
  wish: wish && { what: wish, by: BOB, at: NOW },
  dropped: null,
});
const AT_ONCE = { kind: 'advance', key: 'at-7' };
const SAID = { kind: 'tell', key: 'expiry-1' };
const ASKED = { kind: 'advance', key: expect.stringMatching(/^due-\d+$/) };

describe('what is due', () => {
  it.each<[string, ChangeState, number, unknown]>([
    ['nothing of a proposal', changeOf().state, 22 * 60, null],
    ['to be said, of a proposal that expires soon', changeOf().state, 23 * 60, { kind: 'tell', key: 'expiry-0' }],
    ['the end of a proposal that was not decided', changeOf().state, 30 * 60, { kind: 'expire' }],
    ['its task, of what was approved', queued(null), 1, AT_ONCE],
    ['another, of what was approved and not begun', queued(null), 30, ASKED],
    ['the end, of what was approved and not begun in time', queued(null), 30 * 60, { kind: 'expire' }],
    ['no end, of what was approved on trial', queued(minutesLater(10), 1), 31 * 60, ASKED],
    ['nothing of work that a worker is on', working, 75, null],
    ['a question, of work that takes longer', working, 76, ASKED],
    ['nothing of work that its host was just asked about', { ...working, running: true }, 5, null],
    ['a question, of work that its host is at', { ...working, running: true }, 6, ASKED],
    ['nothing of a trial', trial(null), 10 * 60 + 2, null],
    ['a question, of a trial whose time is over', trial(null), 10 * 60 + 3, ASKED],
    ['its task, of what somebody wished', trial('revert'), 70, AT_ONCE],
    ['another, of what was wished and not done', trial('revert'), 71, ASKED],
    ['a question, of what is unclear', unclear, 0, ASKED],
    ['nothing of what is over', { kind: 'ended', at: NOW, end: { how: 'expired' } }, 9e6, null],
  ])('is %s', (_, state, after, due) => {
    const gates = [gateOf('apply', { expiresAt: minutesLater(30) }), gateOf('keep', { expiresAt: minutesLater(10) })];
    expect(dueOf(KIND, { ...withState(state), gates }, seconds(after))).toEqual(due);
  });

  it('is the end of a change that waits at a later gate too long, with nothing on trial', () => {
    const gates = [gateOf('build'), gateOf('install', { expiresMinutes: 720, expiresAt: minutesLater(720) })];
    const state: ChangeState = { kind: 'waiting', at: NOW, gate: 1, reverts: null, wish: null, dropped: null };
    const due = (minutes: number) => dueOf(FOUR_GATES_KIND, { ...changeOf(), gates, state }, minutesLater(minutes));
    expect(due(659)).toBeNull();
    expect([due(660), due(719)]).toEqual([SAID, SAID]);
    expect(due(720)).toEqual({ kind: 'expire' });
  });

  it('is no end of what was approved in time, as long as it may wait for its host', () => {
    const gates = [gateOf('build', { expiresAt: minutesLater(30) }), gateOf('install')];
    const due = (minutes: number) =>
      dueOf(FOUR_GATES_KIND, { ...changeOf(), gates, state: queued(null) }, minutesLater(minutes));
    expect([due(30), due(24 * 60 + 29)]).toEqual([ASKED, ASKED]);
    expect(due(24 * 60 + 30)).toEqual({ kind: 'expire' });
  });

  it('is a question in every round of the reconciler, of work that its host is at', () => {
    const running: ChangeState = { ...working, running: true };
    const keys = Array.from({ length: 60 }, (_, at) => dueOf(KIND, withState(running), seconds(6 + at * 4.99)));
    expect(new Set(keys.map((due) => JSON.stringify(due))).size).toBe(60);
  });

  it('is asked for once in 15 seconds, and once in five minutes of what has been unclear for long', () => {
    const keys = (from: number) =>
      new Set(
        Array.from({ length: 600 }, (_, at) => JSON.stringify(dueOf(KIND, withState(unclear), seconds(from + at)))),
      );
    expect(keys(0).size).toBe(40);
    expect(keys(660).size).toBeLessThanOrEqual(3);
  });

  it('is the same task for everybody who finds it in the same moment', () => {
    expect(askAgain(seconds(0)).key).toBe(askAgain(seconds(4)).key);
    expect(askAgain(seconds(0)).key).not.toBe(askAgain(seconds(5)).key);
    expect(taskKey({ revision: 3 })).toBe('at-3');
  });
});

describe('work that another worker may be on', () => {
  it('is not overdue before its time, whatever the clock does', () => {
    const waits: ChangeState = { ...(queued(null) as object), holder: 'cccccccc' as ChangeId } as ChangeState;
    for (const state of [working, waits, trial(null), trial('revert')])
      for (const at of [-3600, 0, 29]) expect(isOverdue({ state }, seconds(at).getTime()), state.kind).toBe(false);
  });
});
