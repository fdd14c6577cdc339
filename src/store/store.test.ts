import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type NewCheck, type Store, StoreDown } from '#app/check-ports.ts';
import { newId } from '#app/new-id.ts';
import type { ChangeId } from '#domain/change.ts';
import type { KernelWanted } from '#domain/check.ts';
import type { Report } from '#domain/report.ts';
import { connectRedis, untilConnected } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { type PrivateRedis, startPrivateRedis } from './private-redis.ts';
import { VERSION } from './record.ts';
import { askRedisHealth } from './redis-health.ts';
import { parseRedisUrl } from './redis-url.ts';
import { createStore } from './store.ts';

const HOUR = 3_600_000;
const ACTOR = { surface: 'slack', id: 'U1' } as const;

let dir: string;
let server: PrivateRedis;
let redis: Redis;
let store: Store;

function connect(url: string): Redis {
  const place = parseRedisUrl(url);
  if (place === undefined) throw new Error(url);
  return connectRedis(place, 'surface', () => {}) as Redis;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'store-'));
  server = await startPrivateRedis(dir);
  redis = connect(server.url);
  await untilConnected(redis, 5000);
});
beforeEach(async () => {
  await redis.flushall();
  store = createStore(redis, HOUR);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

function newRun(key: string, host = 'web-01', lifeMs = HOUR): NewCheck {
  const askedAt = new Date();
  return {
    id: newId(key),
    host,
    interval: 5,
    actor: ACTOR,
    askedAt,
    deadline: new Date(askedAt.getTime() + lifeMs),
    next: null,
  };
}

function reportOf(host: string, startedAt = new Date('2026-11-27T03:00:00Z')): Report {
  return {
    host,
    hostKey: `SHA256:${'k'.repeat(43)}`,
    startedAt,
    interval: 5,
    samples: 2,
    kernel: '6.1',
    distribution: null,
    verdicts: [],
    unreadable: [],
    interruption: null,
    drift: null,
  };
}

describe('runs', () => {
  it('keep what is wanted next, and a run that is joined gets it unless it has something already', async () => {
    const wanted = (key: string): KernelWanted => ({
      ...{ kind: 'kernel', key, seconds: 15, builder: 'builder-01', config: 'running', url: null },
      ...{ reason: 'ports', actor: ACTOR, userGroups: ['S1'], place: { channel: 'C1', thread: null } },
    });
    const { run } = await store.runs.begin(newRun('a'));
    const joined = await store.runs.begin({ ...newRun('b'), next: wanted('b') });
    expect(joined).toMatchObject({ kind: 'joined', run: { next: wanted('b'), revision: 1 } });
    const late = await store.runs.begin({ ...newRun('c'), next: wanted('c') });
    expect(late).toMatchObject({ kind: 'joined', run: { next: wanted('b'), revision: 1 } });
    expect(await store.runs.begin({ ...newRun('d', 'db-01'), next: wanted('d') })).toMatchObject({
      kind: 'begun',
      run: { next: wanted('d') },
    });
    const why = [{ code: 'no-space', details: { host: 'builder-01' } }];
    const ended = await store.runs.end(
      { ...run, attempt: null },
      { kind: 'reported', asked: { kind: 'refused', why } },
    );
    expect(ended?.state).toEqual({ kind: 'reported', asked: { kind: 'refused', why } });
  });

  it('begins once: asked again it is repeated, asked by another it is joined, and after its end there is a new one', async () => {
    expect(await store.runs.begin(newRun('a'))).toMatchObject({
      kind: 'begun',
      run: { host: 'web-01', state: { kind: 'queued' } },
    });
    expect(await store.runs.begin(newRun('a'))).toMatchObject({ kind: 'repeated', run: { id: newId('a') } });
    expect(await store.runs.begin(newRun('b'))).toMatchObject({ kind: 'joined', run: { id: newId('a') } });
    expect(await store.runs.begin(newRun('c', 'db-01'))).toMatchObject({ kind: 'begun' });
    await store.runs.end({ ...newRun('a'), attempt: null }, { kind: 'reported', asked: null });
    expect(await store.runs.begin(newRun('b'))).toMatchObject({ kind: 'begun', run: { id: newId('b') } });
  });

  it('is begun by one of many at the same moment, and joined by the others', async () => {
    const begun = await Promise.all(Array.from({ length: 40 }, (_, i) => store.runs.begin(newRun(`${i}`))));
    expect(begun.filter(({ kind }) => kind === 'begun')).toHaveLength(1);
    expect(new Set(begun.map(({ run }) => run.id)).size).toBe(1);
  });

  it('does not join a run whose deadline has passed', async () => {
    await store.runs.begin(newRun('a', 'web-01', -1));
    expect(await store.runs.begin(newRun('b'))).toMatchObject({ kind: 'begun' });
  });

  it('lists those that have not ended, oldest first', async () => {
    await store.runs.begin(newRun('a'));
    await store.runs.begin({ ...newRun('b', 'db-01'), askedAt: new Date(Date.now() + 1) });
    await store.runs.end({ ...newRun('a'), attempt: null }, { kind: 'reported', asked: null });
    expect((await store.runs.active()).map(({ id }) => id)).toEqual([newId('b')]);
  });

  it('keeps the first report until the end', async () => {
    const { run } = await store.runs.begin(newRun('a'));
    await store.runs.take(run.id);
    const taken = { ...run, attempt: 1 };
    expect(await store.runs.keepFirst(taken, reportOf('web-01'))).toMatchObject({
      state: { kind: 'running', stage: 'second-sample' },
    });
    expect(await store.runs.findFirst(run.id)).toEqual(reportOf('web-01'));
    expect(await store.runs.end(taken, { kind: 'reported', asked: null })).toMatchObject({
      state: { kind: 'reported' },
    });
    expect(await redis.pttl(keyOf('run', run.id, 'first'))).toBeLessThanOrEqual(10_000);
  });

  it('forgets the first report with the attempt that kept it, and listens to no other', async () => {
    const { run } = await store.runs.begin(newRun('a'));
    await store.runs.take(run.id);
    await store.runs.keepFirst({ ...run, attempt: 1 }, reportOf('web-01'));
    await store.runs.take(run.id);
    expect(await store.runs.keepFirst({ ...run, attempt: 1 }, reportOf('web-01'))).toBeUndefined();
    expect(await store.runs.findFirst(run.id)).toBeUndefined();
  });

  it('goes on without a first report that cannot be read', async () => {
    const { run } = await store.runs.begin(newRun('a'));
    await store.runs.take(run.id);
    await store.runs.keepFirst({ ...run, attempt: 1 }, reportOf('web-01'));
    await redis.set(keyOf('run', run.id, 'first'), 'something else');
    expect(await store.runs.findFirst(run.id)).toBeUndefined();
    expect(await redis.exists(keyOf('aside', 'run', run.id, 'first'))).toBe(1);
    expect(await store.runs.find(run.id)).toMatchObject({ state: { kind: 'running', stage: 'second-sample' } });
  });

  it('is left as it is by one who does not know its version', async () => {
    const { run } = await store.runs.begin(newRun('a'));
    await redis.hset(keyOf('run', run.id), 'version', VERSION + 1);
    const before = await redis.hgetall(keyOf('run', run.id));
    expect(await store.runs.end({ ...run, attempt: null }, { kind: 'reported', asked: null })).toBeUndefined();
    expect(await redis.hgetall(keyOf('run', run.id))).toEqual(before);
  });

  it('listens to no attempt that was overtaken, and to nobody after the end', async () => {
    const { run } = await store.runs.begin(newRun('a'));
    expect(await store.runs.take(run.id)).toMatchObject({
      attempt: 1,
      state: { kind: 'running', stage: 'connecting' },
    });
    expect(await store.runs.take(run.id)).toMatchObject({ attempt: 2 });
    expect(await store.runs.advance({ ...run, attempt: 1 }, { kind: 'running', stage: 'judging' })).toBeUndefined();
    expect(await store.runs.end({ ...run, attempt: 1 }, { kind: 'reported', asked: null })).toBeUndefined();
    expect(await store.runs.end({ ...run, attempt: 2 }, { kind: 'reported', asked: null })).toMatchObject({
      state: { kind: 'reported' },
    });
    expect(await store.runs.take(run.id)).toBeUndefined();
  });

  it('has exactly one end, whatever happens in whatever order, and its revision only grows', async () => {
    const step = fc.constantFrom('take', 'advance', 'end', 'cancel', 'stale') as fc.Arbitrary<
      'take' | 'advance' | 'end' | 'cancel' | 'stale'
    >;
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { run } = await store.runs.begin(newRun(`p${number++}`, `host-${number}`));
        const did = await Promise.all(
          steps.map((what) => {
            if (what === 'take') return store.runs.take(run.id);
            if (what === 'advance')
              return store.runs.advance({ ...run, attempt: 1 }, { kind: 'running', stage: 'judging' });
            if (what === 'cancel') return store.runs.end({ ...run, attempt: null }, { kind: 'cancelled', by: ACTOR });
            return store.runs.end({ ...run, attempt: what === 'stale' ? 0 : 1 }, { kind: 'reported', asked: null });
          }),
        );
        const changes = did.filter((change) => change !== undefined);
        const ends = changes.filter(({ state }) => state.kind === 'reported' || state.kind === 'cancelled');
        const after = await store.runs.find(run.id);
        expect(ends.length).toBeLessThanOrEqual(1);
        expect(changes.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual(changes.map((_, i) => i + 1));
        expect(after?.revision).toBe(changes.length);
        expect(ends[0]?.state ?? after?.state).toEqual(after?.state);
      }),
      { numRuns: 60 },
    );
  });
});

describe('reports', () => {
  it('come back as they were, newest first, by host and together', async () => {
    for (const [index, host] of ['web-01', 'db-01', 'web-01'].entries()) {
      const startedAt = new Date(Date.now() + index);
      await store.reports.save({ id: newId(`${index}`), report: reportOf(host, startedAt), actor: ACTOR });
    }
    expect((await store.reports.ofHost('web-01', 5)).map(({ id }) => id)).toEqual([newId('2'), newId('0')]);
    expect((await store.reports.recent(2)).map(({ id }) => id)).toEqual([newId('2'), newId('1')]);
    expect(await store.reports.find(newId('1'))).toMatchObject({
      report: { host: 'db-01', startedAt: expect.any(Date) },
    });
  });

  it('of a host are found by the one that came after them', async () => {
    const began = Date.now() - HOUR / 2;
    const at = (minute: number) => new Date(began + minute * 60_000);
    for (const [index, host] of ['web-01', 'web-01', 'db-01', 'web-01'].entries())
      await store.reports.save({ id: newId(`${index}`), report: reportOf(host, at(index)), actor: ACTOR });
    const before = async (host: string, minute: number) =>
      (await store.reports.before(reportOf(host, at(minute))))?.startedAt;
    expect([await before('web-01', 3), await before('web-01', 1)]).toEqual([at(1), at(0)]);
    expect([await before('web-01', 0), await before('db-01', 2)]).toEqual([undefined, undefined]);
  });

  it('of another version are not there', async () => {
    await store.reports.save({ id: newId('x'), report: reportOf('web-01'), actor: ACTOR });
    await redis.set(`{tcp-oncall}:report:${newId('x')}`, 'something else');
    expect(await store.reports.find(newId('x'))).toBeUndefined();
  });

  it('leave nothing behind when their time is over', async () => {
    const brief = createStore(redis, 500);
    await brief.reports.save({ id: newId('x'), report: reportOf('web-01', new Date()), actor: ACTOR });
    const { run } = await brief.runs.begin(newRun('x'));
    await brief.cards.add({
      id: 'card',
      subject: { kind: 'check', id: run.id },
      place: { channel: 'C1', thread: null },
      language: 'en',
      askedBy: 'U1',
    });
    await brief.runs.active();
    await brief.cards.unsettled();
    await expect
      .poll(() =>
        brief.runs
          .active()
          .then(() => brief.cards.unsettled())
          .then(() => redis.keys('*')),
      )
      .toEqual([]);
  });
});

describe('cards', () => {
  const card = {
    id: 'card',
    subject: { kind: 'check', id: newId('x') },
    place: { channel: 'C1', thread: null },
    language: 'ja',
    askedBy: 'U1',
  } as const;

  it('are added once, changed, found by their run, and settled', async () => {
    const added = await store.cards.add(card);
    const showing = { message: '1.2', shown: 3, progress: '1/3', told: ['ended'] };
    await store.cards.change(added, showing);
    expect(await store.cards.add(card)).toEqual({ ...card, ...showing });
    expect(await store.cards.of(card.subject)).toHaveLength(1);
    expect(await store.cards.unsettled()).toHaveLength(1);
    await store.cards.settle('card');
    expect(await store.cards.unsettled()).toEqual([]);
    await store.cards.unsettle('card');
    expect(await store.cards.unsettled()).toEqual([{ ...card, ...showing }]);
  });

  it('of a change may be in many places', async () => {
    const subject = { kind: 'change', id: 'aaaaaaaa' as ChangeId } as const;
    for (const channel of ['C1', 'C2', 'C2'])
      await store.cards.add({ ...card, id: `card ${channel}`, subject, place: { channel, thread: null } });
    const found = await store.cards.of(subject);
    expect(found.map(({ place }) => place.channel).toSorted()).toEqual(['C1', 'C2']);
    expect(await store.cards.of({ kind: 'check', id: newId('x') })).toEqual([]);
  });

  it('are worked on by one at a time', async () => {
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await redis.ping();
      inside--;
      return true;
    };
    const done = await Promise.all(Array.from({ length: 20 }, () => store.cards.alone('card', work)));
    expect(done.filter(Boolean).length).toBeGreaterThan(0);
    expect(await store.cards.alone('card', async () => 'again')).toBe('again');
  });
});

it('an offer is taken once, and a thing is first once', async () => {
  const id = await store.offers.put({ kind: 'check', host: 'web-01', interval: 5 });
  const taken = await Promise.all([store.offers.take(id), store.offers.take(id)]);
  expect(taken.filter((offer) => offer !== undefined)).toEqual([{ kind: 'check', host: 'web-01', interval: 5 }]);
  const firsts = await Promise.all([1, 2, 3].map(() => store.once.first('key', 1000)));
  expect(firsts.filter(Boolean)).toHaveLength(1);
  await store.once.forget('key');
  expect(await store.once.first('key', 1000)).toBe(true);
});

it('who came is remembered', async () => {
  await store.onlookers.came('U1');
  await store.onlookers.came('U1');
  expect(await store.onlookers.recent()).toEqual(['U1']);
});

it('a Redis of our own keeps what it is given and evicts nothing', async () => {
  expect(await askRedisHealth(redis, {})).toMatchObject({ appendOnly: true, policy: 'noeviction', recent: true });
});

it('only this account reaches a Redis of our own', async () => {
  const modes = await Promise.all([dir, join(dir, 'redis.sock')].map(async (path) => (await stat(path)).mode & 0o777));
  expect(modes).toEqual([0o700, 0o600]);
});

it('a second one in the same directory is refused with the reason', async () => {
  await expect(startPrivateRedis(dir)).rejects.toThrow(/Another tcp-oncall serve uses .*: stop it/);
});

it('a copy of its directory, made while it is stopped, is a backup', async () => {
  const ours = await mkdtemp(join(tmpdir(), 'store-backup-'));
  const [kept, restored] = [join(ours, 'kept'), join(ours, 'restored')];
  const first = await startPrivateRedis(kept);
  const before = connect(first.url);
  await untilConnected(before, 5000);
  await createStore(before, HOUR).runs.begin(newRun('a'));
  before.disconnect();
  await first.stop();
  await cp(kept, restored, { recursive: true });
  const second = await startPrivateRedis(restored);
  const after = connect(second.url);
  await untilConnected(after, 5000);
  expect(await createStore(after, HOUR).runs.find(newId('a'))).toMatchObject({ host: 'web-01' });
  after.disconnect();
  await second.stop();
  await rm(ours, { recursive: true, force: true });
});

it('an answer that came while this process could not read it counts, however late that is', async () => {
  const answer = redis.get('nothing');
  // Longer than anybody waits for an answer, without a processor's time.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
  expect(await answer).toBeNull();
});

describe('while Redis is away', () => {
  it('everything says so at once, and works again when it is back with what it held', async () => {
    const ours = await mkdtemp(join(tmpdir(), 'store-away-'));
    let away = await startPrivateRedis(ours);
    const connection = connect(away.url);
    await untilConnected(connection, 5000);
    const { runs } = createStore(connection, HOUR);
    await runs.begin(newRun('a'));
    await away.stop();
    const asked = performance.now();
    await expect(runs.find(newId('a'))).rejects.toBeInstanceOf(StoreDown);
    expect(performance.now() - asked).toBeLessThan(2000);
    away = await startPrivateRedis(ours);
    await expect.poll(() => runs.find(newId('a')).catch(() => undefined)).toMatchObject({ host: 'web-01' });
    connection.disconnect();
    await away.stop();
    await rm(ours, { recursive: true, force: true });
  });
});
