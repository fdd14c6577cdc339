/**
 * What an earlier tcp-oncall left in Redis. The sample is a real one: eight hosts with changes in as many states, recorded
 * while two were being applied, with runs, cards, reports, a freeze and the tasks of the queue. Nothing in it has a version
 * but its reports.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approve } from '#app/approve.ts';
import type { Store } from '#app/check-ports.ts';
import { shownHash } from '#app/decide-ports.ts';
import { listChanges } from '#app/list-changes.ts';
import { reconcileCards, reconcileChanges, reconcileChecks } from '#app/reconcile.ts';
import type { Policy } from '#change/policy.ts';
import type { Subject } from '#domain/card.ts';
import { type Change, stageOf } from '#domain/change.ts';
import { idOf } from '#queue/task.ts';
import type { Unreadable } from '#store/aside.ts';
import { createChangeStore } from '#store/change-store.ts';
import { keyOf } from '#store/keys.ts';
import { VERSION } from '#store/record.ts';
import { createStore } from '#store/store.ts';
import { KINDS } from '../bot/change-samples.ts';
import { deciderOf } from '../bot/example-change.ts';
import { NO_POLICY, RULE } from '../bot/policy-rule.ts';
import { type Dumped, restoreRedis } from '../bot/redis-dump.ts';
import { openRedisPlace } from './redis-place.ts';

const SAMPLE = readFileSync(new URL('samples/redis-version-1.jsonl', import.meta.url), 'utf8');
const DUMP = SAMPLE.trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Dumped);
/** Whenever this runs, it is not long ago. */
const KEEP_MS = 1000 * 365 * 86_400_000;
/** When it was recorded, a little later. */
const now = () => new Date('2026-11-30T08:52:10Z');
const STATES = {
  'web-01': 'waiting apply',
  'db-01': 'waiting keep',
  'api-01': 'done',
  'lb-01': 'undone',
  'nat-01': 'failed',
  'cache-01': 'withdrawn',
  'web-02': 'working apply',
  'db-02': 'unclear',
} as const;
const ANYBODY = { users: ['U0BOB'], userGroups: [] };
const policy: Policy = { ...NO_POLICY, rules: [{ ...RULE, approve: ANYBODY }] };
const bob = deciderOf('U0BOB');

let place: Awaited<ReturnType<typeof openRedisPlace>>;
let redis: Redis;
let store: Store & ReturnType<typeof createChangeStore>;
let unreadable: Unreadable[];
let queued: string[];

beforeAll(async () => {
  place = await openRedisPlace();
  redis = place.redis;
});
afterAll(() => place?.close());
beforeEach(async () => {
  await redis.flushall();
  await restoreRedis(redis, DUMP);
  [unreadable, queued] = [[], []];
  const say = (record: Unreadable) => void unreadable.push(record);
  store = { ...createStore(redis, KEEP_MS, say), ...createChangeStore(redis, KEEP_MS, KINDS, { onUnreadable: say }) };
});

const tools = () => ({
  ...store,
  queue: {
    add: async (id: string, task: string) => void queued.push(`${task} ${id}`),
  },
  announce,
  kinds: KINDS,
  policy,
  keys: new Map(),
  groupsOf: () => ['web'],
  now,
  onTrouble(_id: string, error: unknown): never {
    throw error;
  },
});

const announce = async ({ id }: Subject) => void queued.push(`show ${id}`);

async function changeOf(host: string): Promise<Change> {
  const [change] = await store.changes.ofHost(host, 1);
  if (change === undefined) throw new Error(`${host} has no change.`);
  return change;
}

describe('changes of version 1', () => {
  it('are all read, as they were, with dates where dates belong', async () => {
    const all = await store.changes.recent(50);
    expect(Object.fromEntries(all.map((change) => [change.host, stageOf(change)]))).toEqual(STATES);
    for (const change of all) {
      const written = (await redis.hget(keyOf('change', change.id), 'json')) ?? '';
      const { plan, approvals, requester, reason } = JSON.parse(written);
      const read = JSON.parse(JSON.stringify(change));
      const steps = plan.steps.map((step: object) => ({ ...step, needs: expect.any(Array) }));
      expect(read).toMatchObject({ plan: { ...plan, steps }, requester, reason });
      expect(read.gates[0].approvals).toEqual(approvals);
      expect(change.proposedAt).toBeInstanceOf(Date);
    }
    const trial = await changeOf('db-01');
    expect(trial.gates[0]?.approvals[0]?.at).toBeInstanceOf(Date);
    expect(trial.proofs[0]?.at).toBeInstanceOf(Date);
    expect(trial.state).toMatchObject({ at: expect.any(Date), reverts: expect.any(Date) });
    expect(unreadable).toEqual([]);
  });

  it('are listed with their locks and freezes', async () => {
    const { active, locks, freezes } = await listChanges(store);
    expect(active.map(({ host }) => host).toSorted()).toEqual(['db-01', 'db-02', 'web-01', 'web-02']);
    expect(locks.map(({ token }) => token).toSorted()).toEqual([1, 5, 6]);
    expect(freezes).toEqual([{ group: 'staging', by: 'U0BOB', since: expect.any(Date) }]);
  });

  it('go on: what was proposed is approved, what is on trial is kept, and from then on they are of today’s version', async () => {
    const proposed = await changeOf('web-01');
    const { id } = proposed;
    const given = { ...bob, signature: null };
    const seen = shownHash(proposed, KINDS);
    expect(await approve(id, { ...given, seen, trial: false }, tools())).toMatchObject({ kind: 'done' });
    const trial = await changeOf('db-01');
    const kept = { ...given, seen: shownHash(trial, KINDS), trial: true };
    expect(await approve(trial.id, kept, tools())).toMatchObject({ kind: 'done' });
    expect(queued).toEqual(expect.arrayContaining([`advance ${id}`, `advance ${trial.id}`]));
    for (const each of [id, trial.id])
      expect(JSON.parse((await redis.hget(keyOf('change', each), 'json')) ?? '')).toMatchObject({ version: VERSION });
    expect((await changeOf('web-01')).state.kind).toBe('queued');
  });

  it('are looked after: the host of the one whose outcome is unknown is asked, and what has expired is ended', async () => {
    await reconcileChanges(tools());
    expect(queued).toContain(`advance ${(await changeOf('db-02')).id}`);
    await reconcileChanges({ ...tools(), now: () => new Date('2026-11-30T10:00:00Z') });
    expect(stageOf(await changeOf('web-01'))).toBe('expired');
    expect(unreadable).toEqual([]);
  });

  it('have their cards, which can be changed', async () => {
    const { id } = await changeOf('db-01');
    const subject = { kind: 'change', id } as const;
    const looks = [store.cards.of(subject), store.cards.of(subject)];
    for (const [card, ...more] of await Promise.all(looks)) {
      const place = { channel: 'C0ONCALL', thread: expect.any(String) };
      expect(card).toMatchObject({ id, subject, place, language: 'en', askedBy: '', shown: 4 });
      expect(card?.told).toContain('on-trial');
      expect(more).toEqual([]);
    }
    const [card] = await store.cards.of(subject);
    if (card === undefined) throw new Error('It has one.');
    await store.cards.change(card, { shown: 5 });
    expect(await store.cards.of(subject)).toEqual([{ ...card, shown: 5 }]);
    expect((await store.cards.unsettled()).map((each) => each.id)).toContain(id);
    expect(await redis.exists(keyOf('change', id, 'card'))).toBe(0);
  });

  it('have their tasks in the queue', async () => {
    const jobs = await redis.keys(keyOf('change-tasks', '????????-*'));
    expect(jobs.length).toBeGreaterThan(5);
    for (const job of jobs)
      expect(idOf('change', { data: JSON.parse((await redis.hget(job, 'data')) ?? '') })).toMatch(/^[a-z2-7]{8}$/);
  });
});

describe('checks of version 1', () => {
  it('have their reports, newest first, with what each fix came to', async () => {
    const recent = await store.reports.recent(50);
    expect(recent).toHaveLength(8);
    for (const { id, report, proposals } of recent) {
      expect(report.startedAt).toBeInstanceOf(Date);
      expect(report.hostKey).toBeNull();
      expect(proposals?.length).toBeGreaterThan(0);
      expect(await store.reports.find(id)).toMatchObject({ id, report: { host: report.host } });
    }
  });

  it('that have not ended go on to their end, and their cards with them', async () => {
    const [first, second] = (await store.runs.active()).toSorted((a, b) => a.attempt - b.attempt);
    expect([first?.state, second?.state]).toEqual([{ kind: 'queued' }, { kind: 'running', stage: 'second-sample' }]);
    if (first === undefined || second === undefined) throw new Error('There are two.');
    expect(await store.runs.take(first.id)).toMatchObject({ attempt: 1 });
    expect(await store.runs.end(second, { kind: 'reported', asked: null })).toMatchObject({ attempt: 1 });
    const unsettled = await store.cards.unsettled();
    expect(unsettled.map(({ language }) => language)).toContain('ja');
    const [card] = await store.cards.of({ kind: 'check', id: first.id });
    if (card === undefined) throw new Error('It has one.');
    await store.cards.change(card, { message: '1.5', shown: 1 });
    expect(await store.cards.find(card.id)).toEqual({ ...card, message: '1.5', shown: 1, told: [] });
    expect(await redis.hget(keyOf('card', card.id), 'version')).toBe(String(VERSION));
  });

  it('are joined by who asks for the same host', async () => {
    const [run] = await store.runs.active();
    if (run === undefined) throw new Error('There are two.');
    const asked = {
      ...run,
      id: 'aaaaaaaa' as typeof run.id,
      askedAt: now(),
      deadline: new Date(now().getTime() + 1e6),
    };
    expect(await store.runs.begin(asked)).toMatchObject({ kind: 'joined', run: { id: run.id } });
  });

  it('are looked after', async () => {
    const queue = {
      standing: async () => 'absent' as const,
      add: async () => {},
      remove: async () => 'gone' as const,
      stop: async () => {},
      counts: async () => ({ waiting: 0, active: 0, workers: 0 }),
    };
    await reconcileChecks({ ...tools(), queue });
    await reconcileCards(tools());
    expect((await store.runs.active()).map(({ state }) => state.kind)).toEqual(['queued']);
    expect(unreadable).toEqual([]);
  });

  it('offer what they offered, once', async () => {
    const [key = ''] = await redis.keys(keyOf('offer', '*'));
    const id = key.split(':').at(-1) ?? '';
    expect(await store.offers.take(id)).toEqual({ kind: 'check', host: 'web-01', interval: 5 });
    expect(await store.offers.take(id)).toBeUndefined();
  });
});
