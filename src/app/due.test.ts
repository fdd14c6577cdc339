import { describe, expect, it } from 'vitest';
import type { Change, ChangeState } from '#domain/change.ts';
import type { Check } from '#domain/check.ts';
import { cardDue, changeDue, checkDue } from './due.ts';

const NOW = Date.UTC(2026, 10, 30, 8);
const at = (seconds: number) => new Date(NOW + seconds * 1000);
const now = at(0);
const bob = { surface: 'slack', id: 'U0BOB' } as const;

describe('a check', () => {
  const check = (attempt: number, deadline: number, asked = -60) =>
    ({ attempt, deadline: at(deadline), askedAt: at(asked) }) as Check;

  it.each([
    ['runs', check(1, 60), 'running', { kind: 'nothing' }],
    ['waits', check(0, 60), 'waiting', { kind: 'nothing' }],
    ['was never queued', check(0, 60), 'absent', { kind: 'queue' }],
    ['is on its way into the queue', check(0, 60, -2), 'absent', { kind: 'nothing' }],
    ['was taken, and its job is gone', check(1, 60), 'absent', { kind: 'end', why: 'worker-gone' }],
    ['was given up', check(3, 60), 'ended', { kind: 'end', why: 'worker-gone' }],
    ['found no worker', check(0, -6), 'waiting', { kind: 'end', why: 'no-worker' }],
    ['takes too long', check(1, -6), 'running', { kind: 'end', why: 'deadline' }],
    ['waits for another try past its deadline', check(1, -6), 'waiting', { kind: 'end', why: 'worker-gone' }],
    ['is within its grace', check(1, -4), 'running', { kind: 'nothing' }],
  ] as const)('that %s', (_what, each, standing, due) => {
    expect(checkDue(each, standing, now)).toEqual(due);
  });
});

describe('a change', () => {
  const change = (state: ChangeState, expires = 600) => ({ state, expiresAt: at(expires) }) as Change;
  const wanted = (seconds: number) => ({ what: 'revert', by: bob, at: at(seconds) }) as const;
  const trial = (until: number, want: number | null) =>
    change({
      kind: 'on-trial',
      at: at(-60),
      until: at(until),
      wanted: want === null ? null : wanted(want),
      dropped: null,
    });
  const kept = (want: number | null) =>
    change({
      kind: 'kept',
      at: at(-600),
      by: bob,
      shadowed: {},
      wanted: want === null ? null : wanted(want),
      dropped: null,
    });
  const unknown = (since: number) =>
    change({ kind: 'outcome-unknown', at: at(since), why: '', wanted: null, began: true });
  const every = (seconds: number) => String(Math.floor(NOW / (seconds * 1000)));
  const settle = { kind: 'queue', task: 'settle', key: every(15) };
  const nothing = { kind: 'nothing' };

  it.each([
    ['waits for approval', change({ kind: 'proposed' }), nothing],
    ['was never approved', change({ kind: 'proposed' }, 0), { kind: 'expire' }],
    [
      'was approved, and may not be in the queue',
      change({ kind: 'approved', at: at(-1) }),
      { kind: 'queue', task: 'apply', key: 'once' },
    ],
    [
      'was approved, and may have been taken to the grave',
      change({ kind: 'approved', at: at(-30) }),
      { kind: 'queue', task: 'apply', key: every(15) },
    ],
    ['was approved too long ago', change({ kind: 'approved', at: at(-30) }, 0), { kind: 'expire' }],
    ['is being applied', change({ kind: 'applying', at: at(-75) }), nothing],
    ['was left while it was applied', change({ kind: 'applying', at: at(-76) }), settle],
    ['is on trial', trial(60, null), nothing],
    ['was to revert by itself', trial(-3, null), settle],
    ['somebody wants to end', trial(60, -70), nothing],
    ['nobody has ended as wanted', trial(60, -71), settle],
    ['is kept', kept(null), nothing],
    ['is kept, and nobody has reverted as wanted', kept(-71), settle],
    ['nothing is known of', unknown(-1), settle],
    ['nothing has been known of for long', unknown(-601), { kind: 'queue', task: 'settle', key: every(300) }],
    ['is over', change({ kind: 'expired', at: at(-60) }, -60), nothing],
  ])('that %s', (_what, each, due) => {
    expect(changeDue(each, now)).toEqual(due);
  });
});

describe('a card', () => {
  it.each([
    [{ revision: 3, isOver: false }, 'nothing'],
    [{ revision: 4, isOver: false }, 'soon'],
    // The thread may not have been told.
    [{ revision: 3, isOver: true }, 'now'],
    [undefined, 'nothing'],
  ])('that shows revision 3, of %j', (progress, due) => {
    expect(cardDue({ shown: 3 }, progress)).toBe(due);
  });
});
