import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '#change/audit.ts';
import type { Policy, PolicyRule } from '#change/policy.ts';
import type { Change, ChangeId, End, OrderedFreeze } from '#domain/change.ts';
import type { CheckId } from '#domain/check.ts';
import type { Unready } from '#domain/helper-state.ts';
import {
  ALICE,
  BOB,
  changeOf,
  gateOf,
  HOST_KEY,
  hashOfGate,
  KIND,
  minutesLater,
  NOW,
  onTrial,
  planOf,
  takingBack,
} from '../../test/bot/example-change.ts';
import { RULE } from '../../test/bot/policy-rule.ts';
import { type Asking, type ProposeTools, propose, type Wanted } from './propose.ts';
import { proposeFix } from './propose-fix.ts';
import { proposeRevert } from './propose-revert.ts';

const RUN = 'aaaaaaaa' as CheckId;
const rule: PolicyRule = { ...RULE, approve: { users: ['U0BOB'], userGroups: [] } };

interface Scene {
  readonly unready?: Unready | null | undefined;
  readonly hostKey?: string | null;
  readonly startedAt?: Date;
  readonly there?: readonly Change[];
  readonly rules?: readonly PolicyRule[];
  readonly frozen?: readonly OrderedFreeze[];
}

/** Nothing but what is read before a proposal is written, and what is written. */
function scene({ unready, hostKey = HOST_KEY, startedAt = NOW, there = [], rules = [rule], frozen = [] }: Scene) {
  const written: { readonly change: Change; readonly entry: AuditEntry }[] = [];
  const queued: string[] = [];
  const policy: Policy = { rules, breakGlass: { users: ['U0BOB'], userGroups: [] }, admins: null, freezes: [] };
  const stored = {
    report: { startedAt, hostKey },
    proposals: [{ kind: 'plan', plan: planOf(), cures: [], ...(unready !== undefined && { unready }) }],
  };
  const tools = {
    reports: { find: async (run: CheckId) => (run === RUN ? stored : undefined) },
    changes: {
      find: async (id: ChangeId) => there.find((each) => each.id === id),
      ofHost: async () => there,
      takerOf: async (id: ChangeId) => there.find(({ reverts }) => reverts === id),
      lockOf: async () => undefined,
      propose: async (change: Change, entry: AuditEntry) => {
        written.push({ change, entry });
        return 'done';
      },
    },
    freezes: { list: async () => frozen },
    kinds: new Map([['sysctl', KIND]]),
    queue: { add: async (_: ChangeId, task: string, key: string) => void queued.push(`${task} ${key}`) },
    announce: async () => {},
    policy,
    groupsOf: () => ['web'],
    now: () => NOW,
  } as unknown as ProposeTools & Parameters<typeof proposeFix>[2];
  return { tools, written, queued };
}

const asking = (fields: Partial<Asking> = {}): Asking => ({
  key: 'k',
  requester: BOB,
  person: { id: 'U0BOB', userGroups: [] },
  revertMinutes: null,
  reason: 'checkout fails',
  breakGlass: false,
  card: null,
  ...fields,
});
const wanted = { run: RUN, fix: 'reuse-time-wait-ports' };
const fixed = (fields: Partial<Asking>, at: Scene) => proposeFix(wanted, asking(fields), scene(at).tools);

describe('a fix', () => {
  it.each([false, true])(
    'that the host would not take is refused, with what it lacks (break-glass: %s)',
    async (breakGlass) => {
      const unready = { why: 'too-old', has: '1', needs: '2' } as const;
      const details = { has: '1', needs: '2' };
      expect(await fixed({ breakGlass }, { unready })).toEqual({ kind: 'refused', why: 'too-old', details });
    },
  );

  it.each([null, undefined])(
    'that the host is ready for, or could not be asked about, is proposed (%s)',
    async (unready) => {
      expect(await fixed({}, { unready })).toMatchObject({ kind: 'proposed' });
    },
  );

  it('is of evidence that is fresh, and of a host that is known by its key', async () => {
    expect(await fixed({}, { startedAt: minutesLater(-31) })).toMatchObject({ why: 'old-evidence' });
    expect(await fixed({}, { hostKey: null })).toMatchObject({ why: 'old-evidence' });
    const { tools } = scene({});
    expect(await proposeFix({ ...wanted, fix: 'gone' }, asking(), tools)).toMatchObject({ why: 'no-plan' });
    expect(await proposeFix({ ...wanted, run: 'bbbbbbbb' as CheckId }, asking(), tools)).toMatchObject({
      why: 'unknown-report',
    });
  });
});

describe('a proposal', () => {
  const asked: Wanted = {
    kind: KIND,
    plan: planOf(),
    run: RUN,
    hosts: { target: { host: 'web-01', hostKey: HOST_KEY } },
    reverts: null,
    unready: null,
  };

  it('has the gates of its kind, as the rule wants them, and the first one is open', async () => {
    const gates = { keep: { approve: null, approvals: 3, outsideSlack: true, expiresMinutes: null } };
    const { tools, written, queued } = scene({ rules: [{ ...rule, approvals: 2, gates }] });
    await propose(asked, asking(), tools);
    const [{ change, entry } = never()] = written;
    expect(change.gates).toEqual([
      gateOf('apply', {
        needs: { approvals: 2, outside: false },
        expiresMinutes: 30,
        expiresAt: minutesLater(30),
      }),
      gateOf('keep', { needs: { approvals: 3, outside: true } }),
    ]);
    expect(change).toMatchObject({ revertMinutes: 10, expiresMinutes: 30, review: null, state: { kind: 'waiting' } });
    expect(entry).toMatchObject({ event: 'propose', from: null, to: 'waiting apply', hash: hashOfGate(change, 0) });
    expect(queued).toEqual([]);
  });

  it('in an emergency is approved by who asks, for exactly its text, and looked at later', async () => {
    const { tools, written, queued } = scene({});
    await propose(asked, asking({ breakGlass: true }), tools);
    const [{ change } = never()] = written;
    expect(change).toMatchObject({
      breakGlass: true,
      review: { reminders: 0, done: null },
      state: { kind: 'queued', gate: 0 },
    });
    expect(change.gates[0]?.approvals).toMatchObject([{ by: BOB, hash: hashOfGate(change, 0), signature: null }]);
    expect(queued).toEqual(['advance at-0', 'remind 1']);
  });

  it.each<[string, Partial<Asking>, Scene]>([
    ['no-rule', {}, { rules: [] }],
    [
      'not-asker',
      { person: { id: 'U0EVE', userGroups: [] } },
      { rules: [{ ...rule, ask: { users: ['U0BOB'], userGroups: [] } }] },
    ],
    ['not-breaker', { breakGlass: true, person: { id: 'U0EVE', userGroups: [] } }, {}],
    ['break-glass-outside', { breakGlass: true }, { rules: [{ ...rule, outsideSlack: true }] }],
    ['reason-required', { reason: ' ', breakGlass: true }, {}],
    ['reason-required', { reason: ' ' }, { rules: [{ ...rule, reasonRequired: true }] }],
    ['bad-minutes', { revertMinutes: 31 }, {}],
    ['bad-minutes', { revertMinutes: 0 }, {}],
    ['bad-minutes', { revertMinutes: 1.5 }, {}],
    ['frozen', {}, { frozen: [{ group: 'web', by: 'U0BOB', since: NOW }] }],
    ['host-busy', {}, { there: [onTrial()] }],
  ])('is refused: %s (%j)', async (why, fields, at) => {
    const { tools, written } = scene(at);
    expect(await propose(asked, asking(fields), tools)).toMatchObject({ kind: 'refused', why });
    expect(written).toEqual([]);
  });

  it('in an emergency does not wait for the end of a freeze', async () => {
    const { tools } = scene({ frozen: [{ group: '*', by: 'U0BOB', since: NOW }] });
    expect(await propose(asked, asking({ breakGlass: true }), tools)).toMatchObject({ kind: 'proposed' });
  });
});

describe('what was kept', () => {
  const kept = changeOf({
    id: 'kkkkkkkk' as ChangeId,
    state: { kind: 'ended', at: NOW, end: { how: 'done', by: BOB, remarks: [] } },
  });

  it('is taken back by another change, with one gate and the rule of any other', async () => {
    const { tools, written } = scene({ there: [kept], rules: [{ ...rule, approvals: 2 }] });
    await proposeRevert(kept.id, asking({ requester: ALICE }), tools);
    const [{ change } = never()] = written;
    const needs = { approvals: 2, outside: false };
    expect(change).toMatchObject({ reverts: kept.id, host: 'web-01', state: { kind: 'waiting', gate: 0 } });
    expect(change.gates).toEqual([gateOf('revert', { needs, expiresMinutes: 30, expiresAt: minutesLater(30) })]);
    expect(change.plan).toMatchObject({
      steps: [
        { key: 'net.ipv4.tcp_fin_timeout', from: '1', to: '2' },
        { key: 'net.ipv4.tcp_tw_reuse', from: '1', to: '2' },
      ],
    });
  });

  it('is taken back once, and may be again where that came to nothing', async () => {
    const by = BOB;
    const after = (end: End) => [takingBack({ reverts: kept.id, state: { kind: 'ended', at: NOW, end } }), kept];
    const asks = (there: readonly Change[]) => proposeRevert(kept.id, asking(), scene({ there }).tools);
    expect(await asks(after({ how: 'done', by, remarks: [] }))).toMatchObject({ why: 'not-kept' });
    expect(await asks(after({ how: 'denied', by, reason: '' }))).toMatchObject({ kind: 'proposed' });
  });

  it('is taken back during a freeze', async () => {
    const { tools } = scene({ there: [kept], frozen: [{ group: '*', by: 'U0BOB', since: NOW }] });
    expect(await proposeRevert(kept.id, asking(), tools)).toMatchObject({ kind: 'proposed' });
  });

  it.each<[string, Change]>([
    ['a proposal', changeOf()],
    ['a trial', onTrial()],
    [
      'what was undone',
      { ...kept, state: { kind: 'ended', at: NOW, end: { how: 'undone', by: null, why: 'timer', remarks: [] } } },
    ],
    ['what took another one back', { ...kept, reverts: 'rrrrrrrr' as ChangeId }],
  ])('is not %s', async (_, change) => {
    const { tools } = scene({ there: [change] });
    expect(await proposeRevert(change.id, asking(), tools)).toMatchObject({ why: 'not-kept' });
    expect(await proposeRevert('zzzzzzzz' as ChangeId, asking(), tools)).toMatchObject({ why: 'unknown-change' });
  });
});

function never(): never {
  throw new Error('nothing was written');
}
