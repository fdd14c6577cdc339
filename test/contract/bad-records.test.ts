/** One record of another shape beside good ones, in a real Redis: it is named once and set aside, and everything else goes on. */
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adminEntry } from '#app/admin.ts';
import { advance } from '#app/advance.ts';
import { approve } from '#app/approve.ts';
import type { Store } from '#app/check-ports.ts';
import { shownHash } from '#app/decide-ports.ts';
import { listChanges } from '#app/list-changes.ts';
import { newId } from '#app/new-id.ts';
import { proposeFix } from '#app/propose-fix.ts';
import { reconcileCards, reconcileChanges, reconcileChecks } from '#app/reconcile.ts';
import { transition } from '#app/transition.ts';
import type { Change, ChangeId } from '#domain/change.ts';
import { CHANGES, QUEUE_PREFIX } from '#queue/names.ts';
import { startChangeWorker } from '#queue/workers.ts';
import { createAside, type Unreadable } from '#store/aside.ts';
import { HEAD, TRAIL } from '#store/audit-trail.ts';
import { createChangeStore } from '#store/change-store.ts';
import { keyOf } from '#store/keys.ts';
import { VERSION } from '#store/record.ts';
import { createStore } from '#store/store.ts';
import { examineRecords } from '../../src/doctor/examine-records.ts';
import { planOf, saveReport } from '../bot/change-plans.ts';
import { BOB, policyNamed } from '../bot/change-rules.ts';
import { KINDS } from '../bot/change-samples.ts';
import { exited } from '../bot/command-results.ts';
import { deciderOf, HOST_KEY } from '../bot/example-change.ts';
import { hostNamed } from '../bot/host-named.ts';
import { NO_FILES } from '../bot/no-files.ts';
import { dumpRedis } from '../bot/redis-dump.ts';
import { type Edit, editChange } from './edit-change.ts';
import { openRedisPlace } from './redis-place.ts';

const KEEP_MS = 86_400_000;
const NEWER = VERSION + 1;
const ALICE = { surface: 'slack', id: 'U0ALICE' } as const;
const [BAD, GOOD] = ['web-01', 'db-01'] as const;
const now = () => new Date();

let place: Awaited<ReturnType<typeof openRedisPlace>>;
let redis: Redis;
let store: Store & ReturnType<typeof createChangeStore>;
let unreadable: Unreadable[];
let serial = 0;

beforeAll(async () => {
  place = await openRedisPlace();
  redis = place.redis;
});
afterAll(() => place?.close());

const tools = () => ({
  ...store,
  queue: {
    add: async () => {},
    standing: async () => 'waiting' as const,
    remove: async () => 'gone' as const,
    stop: async () => {},
    counts: async () => ({ waiting: 0, active: 0, workers: 0 }),
  },
  announce: async () => {},
  kinds: KINDS,
  policy: policyNamed('usual'),
  keys: new Map(),
  groupsOf: (host: string) => [host.slice(0, host.indexOf('-'))],
  now,
  onTrouble(_id: string, error: unknown): never {
    throw error;
  },
});

async function propose(host: string) {
  const asking = {
    key: `key ${++serial}`,
    requester: ALICE,
    person: { id: ALICE.id, userGroups: [] },
    revertMinutes: 5,
    reason: '',
    breakGlass: false,
    card: { place: { channel: 'C0ONCALL', thread: null }, language: 'en' as const },
  };
  return proposeFix(
    { run: await saveReport({ ...store, now }, planOf(host, 1)), fix: 'reuse-time-wait-ports' },
    asking,
    tools(),
  );
}

async function begin(host: string) {
  const id = newId(`run ${++serial}`);
  const deadline = new Date(Date.now() + KEEP_MS);
  const begun = await store.runs.begin({ id, host, interval: 5, actor: ALICE, askedAt: now(), deadline, next: null });
  const place = { channel: 'C1', thread: null };
  await store.cards.add({ id, subject: { kind: 'check', id }, place, language: 'en', askedBy: ALICE.id });
  return begun;
}

const entry = (event: 'freeze' | 'thaw' | 'unlock') => adminEntry(event, null, {}, ALICE, now());

/** Two hosts, and of everything one for each. */
async function populate() {
  const made: Record<string, { change: ChangeId; run: string; report: string }> = {};
  for (const host of [BAD, GOOD]) {
    const proposed = await propose(host);
    if (proposed.kind === 'refused') throw new Error(proposed.why);
    const { run } = await begin(host);
    made[host] = { change: proposed.change.id, run: run.id, report: proposed.change.run };
    await store.freezes.freeze({ group: `group-${host}`, by: BOB, since: now() }, entry('freeze'));
  }
  return made as Record<typeof BAD | typeof GOOD, { change: ChangeId; run: string; report: string }>;
}

let made: Awaited<ReturnType<typeof populate>>;

beforeEach(async () => {
  await redis.flushall();
  unreadable = [];
  const say = (record: Unreadable) => void unreadable.push(record);
  store = { ...createStore(redis, KEEP_MS, say), ...createChangeStore(redis, KEEP_MS, KINDS, { onUnreadable: say }) };
  made = await populate();
});

/** Everything that lists or looks after something, once. */
async function everything() {
  const [changes, reports] = [await listChanges(store), await store.reports.recent(50)];
  await reconcileChecks(tools());
  await reconcileChanges(tools());
  await reconcileCards(tools());
  return {
    changes: changes.active.map(({ host }) => host),
    recent: (await store.changes.recent(50)).map(({ host }) => host),
    freezes: changes.freezes.map(({ group }) => group).toSorted(),
    reports: reports.map(({ report }) => report.host),
    runs: (await store.runs.active()).map(({ host }) => host),
    cards: (await store.cards.unsettled()).length,
  };
}

type Kind = 'change' | 'changeCard' | 'run' | 'card' | 'report';
const keys = (): Readonly<Record<Kind, string>> => ({
  change: keyOf('change', made[BAD].change),
  changeCard: keyOf('card', made[BAD].change),
  run: keyOf('run', made[BAD].run),
  card: keyOf('card', made[BAD].run),
  report: keyOf('report', made[BAD].report),
});

/** As Bob presses it. */
function given(change: Change) {
  return { ...deciderOf(BOB), seen: shownHash(change, KINDS), trial: false, signature: null };
}

type Plant = (key: string) => Promise<unknown>;

const instead = (type: string, write: (key: string) => Promise<unknown>): [string, Plant] => [
  `a ${type} in its place`,
  async (key) => {
    await redis.del(key);
    await write(key);
  },
];
const OTHER_TYPES: readonly [string, Plant][] = [
  instead('list', (key) => redis.rpush(key, 'x')),
  instead('zset', (key) => redis.zadd(key, 1, 'x')),
  instead('stream', (key) => redis.xadd(key, '*', 'x', 'y')),
  instead('set', (key) => redis.sadd(key, 'x')),
];
const NO_HASH: readonly [string, Plant][] = [
  ...OTHER_TYPES,
  instead('string', (key) => redis.set(key, 'x')),
  instead('hash of something else', (key) => redis.hset(key, '__proto__', '{"a":1}', 'constructor', 'x')),
  instead('hash with many fields', (key) =>
    redis.hset(key, Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field-${index}`, 'x']))),
  ),
  ['9 MB in a field', (key) => redis.hset(key, 'host', 'x'.repeat(9 * 1_048_576))],
  ['a version that is no number', (key) => redis.hset(key, 'version', 'two')],
];
const edited = (what: string, edit: Edit): [string, Plant] => [what, () => editChange(redis, made[BAD].change, edit)];
const with_ = (name: string, value: unknown) =>
  edited(`${name}: ${JSON.stringify(value)}`, (change) => Object.assign(change, { [name]: value }));

const gateWith = (name: string, value: unknown) =>
  edited(`a gate's ${name}: ${JSON.stringify(value)}`, ({ gates }) => {
    for (const gate of gates) Object.assign(gate, { [name]: value });
  });

const CASES: Readonly<Record<Kind, readonly [string, Plant][]>> = {
  change: [
    ...NO_HASH.filter(([what]) => !what.includes('version')),
    ['no JSON', (key) => redis.hset(key, 'json', '{"id":')],
    ['JSON of nothing', (key) => redis.hset(key, 'json', 'null')],
    ['a list', (key) => redis.hset(key, 'json', '[]')],
    ['a million brackets', (key) => redis.hset(key, 'json', '['.repeat(1e6))],
    ['deep nesting', (key) => redis.hset(key, 'json', `${'{"plan":'.repeat(1e5)}1${'}'.repeat(1e5)}`)],
    ['no JSON field', (key) => redis.hdel(key, 'json')],
    ['another revision beside it', (key) => redis.hset(key, 'revision', '7')],
    ['a revision that is none', (key) => redis.hset(key, 'revision', 'x')],
    ['a prototype', (key) => redis.hset(key, 'json', '{"__proto__":{"state":{"kind":"approved"}}}')],
    with_('version', '2'),
    with_('version', -1),
    with_('id', 'aaaaaaaa'),
    with_('host', GOOD),
    with_('revertMinutes', '10'),
    with_('proposedAt', 'yesterday'),
    gateWith('expiresAt', '2026-13-45T00:00:00.000Z'),
    gateWith('expiresAt', 1764492000000),
    gateWith('approvals', { length: 1 }),
    with_('gates', []),
    with_('kind', 7),
    with_('requester', null),
    with_('plan', 'x'),
    with_('state', { kind: 'waiting' }),
    with_('state', { kind: 'queued', at: null, gate: 0, reverts: null, holder: null, away: null }),
    with_('state', { kind: 'working', at: new Date(), gate: 2, reverts: null, wish: null, running: false }),
    with_('state', { kind: 'whatever', at: new Date() }),
    with_('breakGlass', 1),
    edited('a step with no text', ({ plan }) => Object.assign(plan.steps, [{ from: 1 }])),
    edited('a field missing', (change) => Object.assign(change, { gates: undefined })),
  ],
  changeCard: [
    ...NO_HASH,
    ['no JSON', (key) => redis.hset(key, 'told', '{')],
    ['what was told is no list', (key) => redis.hset(key, 'told', '"ended"')],
    ['a subject that is none', (key) => redis.hset(key, 'subject', '{"kind":"change","id":"../../etc"}')],
    ['no subject', (key) => redis.hdel(key, 'subject')],
  ],
  run: [
    ...NO_HASH,
    ['no JSON', (key) => redis.hset(key, 'state', '{')],
    ['another state', (key) => redis.hset(key, 'state', '{"kind":"reported"}')],
    ['a deadline that is no time', (key) => redis.hset(key, 'deadline', 'tomorrow')],
    ['a deadline beyond all time', (key) => redis.hset(key, 'deadline', '999999999999999')],
    ['an attempt that is no number', (key) => redis.hset(key, 'attempt', 'x')],
    ['a revision that is no number', (key) => redis.hset(key, 'revision', '1e3')],
    ['no host', (key) => redis.hdel(key, 'host')],
    ['an actor that is none', (key) => redis.hset(key, 'actor', '[]')],
    ['the id of another', (key) => redis.hset(key, 'id', 'aaaaaaaa')],
    ['a wish of another shape', (key) => redis.hset(key, 'next', '{"kind":"kernel"}')],
  ],
  card: [
    ...NO_HASH,
    ['no channel', (key) => redis.hdel(key, 'channel')],
    ['no revision', (key) => redis.hset(key, 'shown', 'NaN')],
    ['another language', (key) => redis.hset(key, 'language', 'xx')],
    ['a check that is none', (key) => redis.hset(key, 'subject', '{"kind":"check","id":"../../etc"}')],
  ],
  report: [
    ...OTHER_TYPES,
    instead('string', (key) => redis.set(key, 'not compressed')),
    instead('hash', (key) => redis.hset(key, 'x', 'y')),
    instead('string of 9 MB', (key) => redis.set(key, Buffer.alloc(9 * 1_048_576))),
  ],
};

const COUNT = { change: 'changes', changeCard: null, run: 'runs', card: null, report: 'reports' } as const;

describe.each(Object.keys(CASES) as Kind[])('a bad %s', (kind) => {
  it.each(CASES[kind])('%s: is named once, set aside, and everything else goes on', async (_what, plant) => {
    const key = keys()[kind];
    await plant(key);
    if (kind === 'changeCard') expect(await store.cards.of({ kind: 'change', id: made[BAD].change })).toEqual([]);
    const seen = await everything();
    const list = COUNT[kind];
    const both = { changes: [BAD, GOOD], runs: [BAD, GOOD], reports: [GOOD, BAD] };
    for (const [name, hosts] of Object.entries(both))
      expect(seen[name as keyof typeof both], name).toEqual(name === list ? [GOOD] : hosts);
    expect(seen.cards).toBe(kind === 'card' || kind === 'changeCard' ? 3 : 4);
    expect(seen.freezes).toEqual([`group-${GOOD}`, `group-${BAD}`].toSorted());

    expect(unreadable).toEqual([
      { key, why: expect.stringMatching(/./), at: expect.any(Date), aside: expect.any(String) },
    ]);
    const { aside } = unreadable[0] as Unreadable;
    expect(await redis.exists(key)).toBe(0);
    expect(await redis.pttl(aside ?? '')).toBeGreaterThan(0);
    await everything();
    expect(unreadable).toHaveLength(1);
    expect(await createAside(redis).list()).toEqual(unreadable);

    expect(await propose(BAD)).toMatchObject({ kind: 'proposed' });
    expect(await propose(GOOD)).toMatchObject({ kind: 'proposed' });
    expect(await begin(BAD)).toMatchObject({ kind: kind === 'run' ? 'begun' : 'joined' });
  });
});

it.each<[string, Record<string, string>]>([
  ['no JSON', { message: '{' }],
  ['a number as text', { shown: '"1"' }],
  ['no list', { told: '"kept"' }],
  ['another language', { language: '"xx"' }],
  ['no text', { channel: '5' }],
])('a bad card of a change of before is set aside: %s', async (_what, fields) => {
  const id = 'cccccccc' as ChangeId;
  const key = keyOf('change', id, 'card');
  const good = { channel: '"C1"', thread: 'null', language: '"en"', message: 'null', shown: '-1', told: '[]' };
  await redis.hset(key, { ...good, ...fields });
  expect(await store.cards.of({ kind: 'change', id })).toEqual([]);
  expect(unreadable.map((each) => each.key)).toEqual([key]);
  await redis.hset(key, good);
  expect(await store.cards.of({ kind: 'change', id })).toMatchObject([{ id, message: null, shown: -1, told: [] }]);
});

describe('an index', () => {
  it.each([
    'changes:active',
    'changes:recent',
    `changes:host:${BAD}`,
    'runs:active',
    'cards:unsettled',
    'reports:recent',
  ])('%s of another type is set aside, and written anew', async (name) => {
    const key = keyOf(...name.split(':'));
    await redis.del(key);
    await redis.set(key, 'x');
    await everything();
    expect(await propose(BAD)).toMatchObject({ kind: 'proposed' });
    await begin('lb-01');
    await everything();
    expect(unreadable.map((each) => each.key)).toEqual([key]);
    expect(await redis.type(key)).toBe('zset');
  });

  it('with names of nothing loses them', async () => {
    for (const name of ['changes:active', 'runs:active', 'cards:unsettled', 'reports:recent'])
      await redis.zadd(
        keyOf(...name.split(':')),
        1,
        'x'.repeat(100_000),
        2,
        '__proto__',
        3,
        'aaaaaaaa',
        4,
        'bbbbbbbb:card',
      );
    const before = await everything();
    expect(before).toMatchObject({ changes: [BAD, GOOD], runs: [BAD, GOOD], cards: 4 });
    for (const name of ['changes:active', 'runs:active', 'cards:unsettled', 'reports:recent'])
      expect(await redis.zcard(keyOf(...name.split(':')))).toBe(name === 'cards:unsettled' ? 4 : 2);
  });
});

describe('a freeze that cannot be read goes on freezing', () => {
  const FREEZES = keyOf('changes', 'freezes');

  it.each(['{', 'null', '{"group":"*"}', JSON.stringify({ group: 'web', by: BOB, since: 'x' }), 'x'.repeat(5000)])(
    '%#',
    async (text) => {
      await redis.hset(FREEZES, 'web', text);
      const seen = await everything();
      expect(seen).toMatchObject({ freezes: expect.arrayContaining(['web', `group-${BAD}`]), changes: [BAD, GOOD] });
      await everything();
      expect(unreadable).toEqual([expect.objectContaining({ key: `${FREEZES}:web` })]);
      expect(await redis.get(unreadable[0]?.aside ?? '')).toBe(text);
      expect(await propose(BAD)).toEqual({ kind: 'refused', why: 'frozen' });
      expect(await propose(GOOD)).toMatchObject({ kind: 'proposed' });
      expect(await store.freezes.thaw('web', entry('thaw'))).toBe(true);
      expect(await propose(BAD)).toMatchObject({ kind: 'proposed' });
    },
  );

  it('and where none can, all is frozen until somebody thaws it', async () => {
    await redis.del(FREEZES);
    await redis.set(FREEZES, 'x');
    expect(await everything()).toMatchObject({ freezes: ['*'], changes: [BAD, GOOD] });
    expect(await propose(GOOD)).toEqual({ kind: 'refused', why: 'frozen' });
    expect(await store.freezes.thaw('*', entry('thaw'))).toBe(true);
    expect(await propose(GOOD)).toMatchObject({ kind: 'proposed' });
  });
});

describe('a host whose change cannot be read', () => {
  const LOCK = keyOf('host', BAD, 'change');

  async function start(): Promise<void> {
    const { change } = made[BAD];
    const shown = (await store.changes.find(change)) as Change;
    await approve(change, given(shown), tools());
    await transition(change, { kind: 'start' }, tools());
  }

  it('is not changed while that one may be on trial there; then, or when it is unlocked, the host has the last word', async () => {
    await start();
    await redis.hset(keys().change, 'json', '{}');
    expect(await propose(BAD)).toEqual({ kind: 'refused', why: 'host-locked' });
    expect(await store.changes.unlock(BAD, entry('unlock'))).toBe(true);
    const proposed = await propose(BAD);
    if (proposed.kind !== 'proposed') throw new Error(proposed.kind);
    made[BAD].change = proposed.change.id;
    const { id } = proposed.change;
    expect(await approve(id, given(proposed.change), tools())).toMatchObject({ kind: 'done' });
    const stdout = 'word refused busy aaaaaaaa is on trial\n';
    const answer = { ...exited(stdout, 1), hostKey: HOST_KEY };
    await advance(id, {
      ...tools(),
      findHost: async () => hostNamed(BAD, ['web']),
      run: async () => answer,
      ...NO_FILES,
      word: () => 'word',
    });
    expect((await store.changes.find(id))?.state).toMatchObject({ end: { how: 'failed', failure: { code: 'busy' } } });
  });

  it.each([
    ['a string', () => redis.set(LOCK, 'x')],
    ['held by nothing that is a change', () => redis.hset(LOCK, { change: 'x'.repeat(1000), token: '1', since: '1' })],
    ['with no end', () => redis.hset(LOCK, { change: 'aaaaaaaa', token: '1', since: '1' })],
    ['with a token that is no number', () => redis.hset(LOCK, { change: 'aaaaaaaa', token: 'x', since: '1' })],
  ])('a lock that is none stops nobody: %s', async (_what, plant) => {
    await plant();
    await start();
    expect((await store.changes.find(made[BAD].change))?.state.kind).toBe('working');
    expect((await store.changes.lockOf(BAD))?.change).toBe(made[BAD].change);
    expect(unreadable.map(({ key }) => key)).toEqual([LOCK]);
  });

  it.each(['x', '99999999999999999999'])('a fence that is no number goes on: %s', async (fence) => {
    await redis.set(keyOf('changes', 'fence'), fence);
    await start();
    expect((await store.changes.lockOf(BAD))?.token).toBeGreaterThan(1);
  });
});

describe('a trail that takes no record', () => {
  const attempts: readonly [string, () => Promise<unknown>][] = [
    ['freeze', () => store.freezes.freeze({ group: 'web', by: BOB, since: now() }, entry('freeze'))],
    ['thaw', () => store.freezes.thaw(`group-${GOOD}`, entry('thaw'))],
    ['unlock', () => store.changes.unlock(BAD, entry('unlock'))],
    [
      'approve',
      async () => {
        const change = (await store.changes.find(made[GOOD].change)) as Change;
        return approve(change.id, given(change), tools());
      },
    ],
  ];
  const lifeless = async () => (await dumpRedis(redis)).map((each) => ({ ...each, lifeMs: null }));

  it.each<[string, () => Promise<unknown>]>([
    ['a trail of another type', () => redis.set(TRAIL, 'x')],
    ['a head of another type', () => redis.set(HEAD, 'x')],
    ['a head that was put back', () => redis.hset(HEAD, 'seq', 1)],
    ['a head that is gone', () => redis.del(HEAD)],
  ])('stops what it could not record: %s', async (what, plant) => {
    await redis.hset(keyOf('host', BAD, 'change'), { change: 'aaaaaaaa', token: '1', since: '1', version: '2' });
    await redis.pexpire(keyOf('host', BAD, 'change'), KEEP_MS);
    await plant();
    const before = await lifeless();
    for (const [name, attempt] of attempts)
      await expect(attempt(), name).rejects.toThrow(what.includes('type') ? /audit:\w+ in Redis is a string/ : /XADD/);
    expect(await lifeless()).toEqual(before);
    expect(unreadable).toEqual([]);
  });
});

describe('a record of a newer version', () => {
  it('is named, left untouched, and not counted among the others', async () => {
    const newer = { version: NEWER, state: { kind: 'newly-invented' } };
    await editChange(redis, made[BAD].change, (change) => Object.assign(change, newer));
    await redis.hset(keys().run, 'version', NEWER, 'state', '{"kind":"newly-invented"}');
    await redis.hset(keys().card, 'version', NEWER);
    await redis.hset(keyOf('changes', 'freezes'), 'web', `{"version":${NEWER},"scope":"newly-invented"}`);
    const before = await dumpRedis(redis);
    const lifeless = (dump: Awaited<ReturnType<typeof dumpRedis>>) =>
      dump.filter(({ key }) => !key.endsWith('unreadable')).map((each) => ({ ...each, lifeMs: null }));
    expect(await everything()).toMatchObject({ changes: [GOOD], runs: [GOOD], cards: 3 });
    expect((await everything()).freezes).toContain('web');
    expect(lifeless(await dumpRedis(redis))).toEqual(lifeless(before));
    expect(unreadable.map(({ aside }) => aside)).toEqual([null, null, null, null]);
    expect(unreadable[0]?.why).toContain(`version ${NEWER}`);
    expect(await begin(BAD)).toMatchObject({ kind: 'begun' });
    expect(await propose(GOOD)).toMatchObject({ kind: 'proposed' });
  });
});

it('the doctor lists what was set aside, until somebody has removed it', async () => {
  expect(await examineRecords(redis)).toEqual([{ subject: 'records', kind: 'fine', details: {} }]);
  await redis.hset(keys().run, 'deadline', 'x');
  await editChange(redis, made[BAD].change, (change) => Object.assign(change, { version: NEWER }));
  await everything();
  const found = (await examineRecords(redis)).map(({ kind, details }) => [kind, details['key'], details['aside']]);
  expect(found.toSorted()).toEqual([
    ['broken', keys().change, ''],
    ['broken', keys().run, keyOf('aside', 'run', made[BAD].run)],
  ]);
  await redis.del(keyOf('aside', 'run', made[BAD].run), keys().change);
  expect(await examineRecords(redis)).toEqual([{ subject: 'records', kind: 'fine', details: {} }]);
});

it('offers, onlookers and the place in the audit trail are read like everything else', async () => {
  for (const text of [
    '{',
    '[]',
    '{"kind":"check","host":1,"interval":5}',
    '{"kind":"check","host":"web-01","interval":"5"}',
  ]) {
    await redis.set(keyOf('offer', 'x'), text);
    expect(await store.offers.take('x')).toBeUndefined();
  }
  await redis.lpush(keyOf('offer', 'x'), 'y');
  expect(await store.offers.take('x')).toBeUndefined();
  await redis.zadd(keyOf('onlookers'), Date.now(), '<!channel>', Date.now(), 'U0BOB');
  expect(await store.onlookers.recent()).toEqual(['U0BOB']);
  await redis.del(keyOf('onlookers'));
  await redis.set(keyOf('onlookers'), 'x');
  await store.onlookers.came('U0BOB');
  expect(await store.onlookers.recent()).toEqual(['U0BOB']);
  await redis.set(keyOf('audit', 'posted'), 'x');
  expect(await store.auditPosts.position()).toBe('changed');
});

it('a job that names no change fails, is said, and the next one is done', async () => {
  const done: string[] = [];
  const errors: string[] = [];
  const [connection, waiting] = [redis.duplicate(), redis.duplicate()];
  const queue = new Queue(CHANGES, { connection, prefix: QUEUE_PREFIX });
  await queue.add('advance', {}, { jobId: 'garbled' });
  await redis.hset(keyOf(CHANGES, 'garbled'), 'data', '{');
  const worker = startChangeWorker({
    connection: waiting,
    work: async (task, id) => void done.push(`${task} ${id}`),
    lost: async (id) => void errors.push(`lost ${id}`),
    onError: ({ message }) => errors.push(message),
  });
  const jobs = [null, 'x', { change: '../x' }, { change: ['aaaaaaaa'] }, { version: NEWER, change: 'aaaaaaaa' }, {}];
  for (const [index, data] of jobs.entries()) await queue.add('advance', data, { jobId: `bad${index}`, attempts: 1 });
  await queue.add('nothing', { change: 'aaaaaaaa' }, { jobId: 'nothing', attempts: 1 });
  await queue.add('advance', { change: 'bbbbbbbb' }, { jobId: 'good', attempts: 1 });
  const said = () => errors.filter((message) => /^The job \w+ (?:cannot be read: .|says nothing)/.test(message));
  await expect.poll(() => said().length).toBe(jobs.length + 1);
  await expect.poll(() => done).toEqual(['advance bbbbbbbb']);
  await worker.drain(2000);
  await queue.close();
  for (const each of [connection, waiting]) each.disconnect();
});
