import { describe, expect, it } from 'vitest';
import type { ChangeState } from '#domain/change.ts';
import { ALICE, BOB, gateOf, KIND, minutesLater, NOW } from '../../test/bot/example-change.ts';
import { readChange } from './change-shape.ts';

const KINDS = new Map([['sysctl', KIND]]);
const TIMES = { at: NOW.toISOString(), until: minutesLater(10).toISOString(), expires: minutesLater(30).toISOString() };
const APPROVAL = { by: BOB, at: TIMES.at, hash: 'f'.repeat(64), signature: null, userGroups: [] };
const STEP = { key: 'net.ipv4.tcp_tw_reuse', from: '2', to: '1', scope: 'netns', files: [] };
const PLAN = {
  fix: 'reuse-time-wait-ports',
  host: 'web-01',
  netns: null,
  kernel: '6.1.0',
  risk: 'low',
  steps: [STEP],
  facts: {},
  goals: [],
  before: {},
};

/** As version 2 wrote it. */
function older(state: object, fields: object = {}): object {
  return {
    version: 2,
    id: 'aaaaaaaa',
    host: 'web-01',
    run: 'bbbbbbbb',
    plan: PLAN,
    hash: 'f'.repeat(64),
    revertMinutes: 10,
    reason: 'ports run out',
    requester: ALICE,
    proposedAt: TIMES.at,
    expiresAt: TIMES.expires,
    needs: { approvals: 2, outside: true },
    breakGlass: false,
    review: null,
    approvals: [APPROVAL],
    proofs: [],
    state,
    revision: 3,
    ...fields,
  };
}

function read(record: object) {
  const parsed = readChange(JSON.stringify(record), KINDS);
  if (parsed.kind !== 'good') throw new Error(JSON.stringify(parsed));
  return parsed.value;
}

const wanted = (what: string) => ({ what, by: BOB, at: TIMES.at });
const wish = (what: 'revert' | 'extend') => ({ what, by: BOB, at: NOW });
const ended = (end: Extract<ChangeState, { kind: 'ended' }>['end']): ChangeState => ({ kind: 'ended', at: NOW, end });
const trial = { kind: 'waiting', at: NOW, gate: 1, reverts: minutesLater(10), wish: null, dropped: null } as const;
const lost = { kind: 'unclear', at: NOW, why: 'upgraded', wish: null, began: true, gate: 1 } as const;
const { at, until } = TIMES;

describe('a change of version 2', () => {
  it.each<[object, ChangeState]>([
    [{ kind: 'proposed' }, { kind: 'waiting', at: NOW, gate: 0, reverts: null, wish: null, dropped: null }],
    [
      { kind: 'approved', at },
      { kind: 'queued', at: NOW, gate: 0, reverts: null, holder: null, away: null },
    ],
    [
      { kind: 'applying', at },
      { kind: 'working', at: NOW, gate: 0, reverts: null, wish: null, running: false },
    ],
    [{ kind: 'on-trial', at, until, wanted: null, dropped: null }, trial],
    [{ kind: 'on-trial', at, until, wanted: null }, trial],
    [
      { kind: 'on-trial', at, until, wanted: wanted('revert'), dropped: null },
      { ...trial, wish: wish('revert') },
    ],
    [
      { kind: 'on-trial', at, until, wanted: wanted('extend'), dropped: null },
      { ...trial, wish: wish('extend') },
    ],
    [{ kind: 'on-trial', at, until, wanted: wanted('keep'), dropped: null }, lost],
    [
      { kind: 'on-trial', at, until, wanted: null, dropped: { ...wanted('keep'), why: 'foreign' } },
      { ...trial, dropped: { what: 'keep', by: BOB, at: NOW, why: 'foreign' } },
    ],
    [
      {
        kind: 'kept',
        at,
        by: BOB,
        shadowed: { k: '/etc/x' },
        wanted: null,
        dropped: null,
        remarks: [{ what: 'foreign', key: 'k', value: '0' }],
      },
      ended({
        how: 'done',
        by: BOB,
        remarks: [
          { what: 'shadowed', key: 'k', value: '/etc/x' },
          { what: 'foreign', key: 'k', value: '0' },
        ],
      }),
    ],
    [
      { kind: 'kept', at, by: null, shadowed: {}, wanted: null, dropped: null },
      ended({ how: 'done', by: null, remarks: [] }),
    ],
    [
      { kind: 'kept', at, by: BOB, shadowed: {}, wanted: wanted('revert'), dropped: null },
      { ...lost, wish: wish('revert') },
    ],
    [
      { kind: 'reverted', at, by: null, why: 'timer', conflicts: { k: '0' } },
      ended({ how: 'undone', by: null, why: 'timer', remarks: [{ what: 'conflict', key: 'k', value: '0' }] }),
    ],
    [
      { kind: 'reverted', at, by: BOB, why: 'person', conflicts: {}, remarks: [] },
      ended({ how: 'undone', by: BOB, why: 'person', remarks: [] }),
    ],
    [{ kind: 'denied', at, by: BOB, reason: 'no' }, ended({ how: 'denied', by: BOB, reason: 'no' })],
    [{ kind: 'withdrawn', at, by: ALICE }, ended({ how: 'withdrawn', by: ALICE })],
    [{ kind: 'expired', at }, ended({ how: 'expired' })],
    [{ kind: 'superseded', at, by: 'cccccccc' }, ended({ how: 'superseded', by: 'cccccccc' as never })],
    [
      { kind: 'failed', at, failure: { code: 'drift', detail: '' } },
      ended({ how: 'failed', failure: { code: 'drift', detail: '' } }),
    ],
    [
      { kind: 'outcome-unknown', at, why: 'gone', wanted: wanted('revert'), began: true },
      { ...lost, why: 'gone', wish: wish('revert') },
    ],
    [
      { kind: 'outcome-unknown', at, why: 'gone', wanted: wanted('keep'), began: true },
      { ...lost, why: 'gone' },
    ],
    [
      { kind: 'outcome-unknown', at, why: 'gone', wanted: null, began: false },
      { ...lost, why: 'gone', began: false, gate: 0 },
    ],
    [{ kind: 'abandoned', at, by: BOB, why: 'gone' }, ended({ how: 'abandoned', by: BOB, why: 'gone' })],
  ])('%j', (state, expected) => {
    expect(read(older(state)).state).toEqual(expected);
    const { version: _, ...first } = older(state) as { version: number };
    expect(read(first)).toEqual(read(older(state)));
  });

  it('has gates, whose approvals it had, and hosts whose keys nobody knew', () => {
    const needs = { approvals: 2, outside: true };
    const change = read(older({ kind: 'on-trial', at, until, wanted: null, dropped: null }));
    expect(change.gates).toEqual([
      gateOf('apply', {
        hostKey: null,
        needs,
        expiresAt: minutesLater(30),
        approvals: [{ ...APPROVAL, at: NOW }] as never,
      }),
      gateOf('keep', { hostKey: null, needs: { ...needs, approvals: 1 }, expiresAt: minutesLater(10) }),
    ]);
    expect(change).toMatchObject({ kind: 'sysctl', reverts: null, expiresMinutes: 30, revision: 3, proposedAt: NOW });
    expect(change.plan).toMatchObject(PLAN);
    expect(change).not.toHaveProperty('hash');
    expect(change).not.toHaveProperty('approvals');
  });

  it.each<[string, object]>([
    ['state', older({ kind: 'kept' })],
    ['state', older({ kind: 'proposed' }, { proposedAt: 'yesterday' })],
    ['state', older({ kind: 'on-trial', at, until: 7, wanted: null, dropped: null })],
    ['state', older({ kind: 'new' })],
    ['plan', older({ kind: 'proposed' }, { plan: 7 })],
    ['', older('proposed' as never)],
  ])('that is none is bad, and nothing throws (%s)', (_, record) => {
    expect(readChange(JSON.stringify(record), KINDS).kind).toBe('bad');
  });
});
