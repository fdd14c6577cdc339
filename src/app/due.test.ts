import { describe, expect, it } from 'vitest';
import type { Check } from '#domain/check.ts';
import { cardDue, checkDue } from './due.ts';

const NOW = Date.UTC(2026, 10, 30, 8);
const at = (seconds: number) => new Date(NOW + seconds * 1000);
const now = at(0);

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

describe('a card', () => {
  it.each([
    [{ revision: 3, progress: '1/3', isOver: false }, 'nothing'],
    [{ revision: 4, progress: '1/3', isOver: false }, 'soon'],
    [{ revision: 3, progress: '2/3', isOver: false }, 'soon'],
    [{ revision: 3, progress: '', isOver: false }, 'soon'],
    // The thread may not have been told.
    [{ revision: 3, progress: '1/3', isOver: true }, 'now'],
    [undefined, 'nothing'],
  ])('that shows revision 3 and 1/3, of %j', (progress, due) => {
    expect(cardDue({ shown: 3, progress: '1/3' }, progress)).toBe(due);
  });
});
