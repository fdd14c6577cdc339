/** The queues' own keys in a real Redis: we know each that BullMQ makes, and name one that is of another type. */
import { Queue, QueueKeys, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoreBroken } from '#app/check-ports.ts';
import { newId } from '#app/new-id.ts';
import type { ChangeId } from '#domain/change.ts';
import type { Check } from '#domain/check.ts';
import { queueKeys, VITAL_KEYS } from '#queue/key-types.ts';
import { CARDS, CHANGES, CHECKS, QUEUE_PREFIX } from '#queue/names.ts';
import { openAnnouncer, openChangeQueue, openCheckQueue } from '#queue/queues.ts';
import { startCheckWorker } from '#queue/workers.ts';
import { askRedisHealth, FINE, judgeRedis } from '#store/redis-health.ts';
import { openRedisPlace } from './redis-place.ts';

let place: Awaited<ReturnType<typeof openRedisPlace>>;
let redis: Redis;

beforeAll(async () => {
  place = await openRedisPlace();
  redis = place.redis;
});
afterAll(() => place?.close());
beforeEach(() => redis.flushall());

const health = async () => judgeRedis(await askRedisHealth(redis, VITAL_KEYS));

describe('the keys of a queue', () => {
  it('are those that BullMQ knows', () => {
    // '' is the queue itself, which is no key; `de` begins one for each job.
    const known = Object.values(new QueueKeys(QUEUE_PREFIX).getKeys(CHECKS)).filter((key) => !/:(?:de)?$/.test(key));
    expect(Object.keys(queueKeys(CHECKS))).toEqual(expect.arrayContaining(known));
  });

  it('have the types that BullMQ gives them', async () => {
    const queue = new Queue(CHECKS, { connection: redis, prefix: QUEUE_PREFIX });
    const options = [{}, { delay: 60_000 }, { priority: 3 }, { jobId: 'fails' }, { jobId: 'goes on' }];
    for (const each of options) await queue.add('check', {}, each);
    await queue.upsertJobScheduler('again', { every: 60_000 });
    const waiting = redis.duplicate();
    const work = async ({ id }: { readonly id?: string | undefined }) => {
      if (id === 'fails') throw new Error('It fails.');
    };
    const worker = new Worker(CHECKS, work, { connection: waiting, prefix: QUEUE_PREFIX, stalledInterval: 100 });
    await expect
      .poll(() => queue.getJobCounts('completed', 'failed'))
      .toMatchObject({ failed: 1, completed: expect.toSatisfy((n: number) => n >= 3) });
    await worker.close();
    await queue.pause();
    const made = Object.entries(queueKeys(CHECKS)).map(async ([key, type]) => [key, type, await redis.type(key)]);
    const there = (await Promise.all(made)).filter(([, , type]) => type !== 'none');
    const names = there.map(([key = '']) => key.split(':').at(-1));
    const usual = ['completed', 'delayed', 'events', 'failed', 'id', 'meta', 'repeat'];
    expect(names).toEqual(expect.arrayContaining(usual));
    for (const [key, expected, type] of there) expect([key, type]).toEqual([key, expected]);
    expect(await health()).toBe(FINE);
    await queue.close();
    waiting.disconnect();
  });
});

describe('one of another type', () => {
  const options = { onError: () => {} };
  const id = newId('queue keys');
  const checks = () => openCheckQueue({ connection: redis, ...options });
  const asks: Readonly<Record<string, readonly (() => Promise<unknown>)[]>> = {
    [CHECKS]: [() => checks().add({ id } as Check), () => checks().counts()],
    [CARDS]: [
      () => checks().add({ id } as Check),
      () => openAnnouncer({ connection: redis, ...options }).announce({ kind: 'check', id }, 'now'),
    ],
    [CHANGES]: [() => openChangeQueue({ connection: redis, ...options }).add('aaaaaaaa' as ChangeId, 'advance', '1')],
  };

  it.each([CHECKS, CARDS, CHANGES])('%s: is named by what looks at Redis and by who asks', async (queue) => {
    for (const [key, type] of Object.entries(queueKeys(queue))) {
      await redis.flushall();
      await (type === 'list' ? redis.set(key, 'x') : redis.rpush(key, 'x'));
      const other = type === 'list' ? 'string' : 'list';
      expect(await health()).toBe(
        `${key} is a ${other} and has to be a ${type}: docs/operating.md says what to do (Redis)`,
      );
      const [add] = asks[queue] ?? [];
      const refused: unknown = await add?.().catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StoreBroken);
      expect(refused).toMatchObject({ key, type: other, wanted: type });
    }
  });

  async function restsAndGoesOn(name: string, own: Redis): Promise<void> {
    const key = `${QUEUE_PREFIX}:checks:${name}`;
    await (name === 'wait' ? own.set(key, 'x') : own.rpush(key, 'x'));
    const [errors, done]: [string[], string[]] = [[], []];
    const waiting = own.duplicate();
    const worker = startCheckWorker({
      connection: waiting,
      concurrency: 3,
      runOne: async (run) => void done.push(run),
      onError: ({ message }) => void errors.push(message),
    });
    await expect
      .poll(() => errors.filter((message) => message.includes('WRONGTYPE')).length, { message: name })
      .toBeGreaterThan(0);
    await expect.poll(worker.isRunning, { message: name }).toBe(false);
    await own.del(key);
    await openCheckQueue({ connection: own, ...options }).add({ id } as Check);
    await expect.poll(() => done, { timeout: 15_000, message: name }).toEqual([id]);
    expect(errors.length, name).toBeLessThan(100);
    await worker.drain(1000);
    for (const each of [waiting, own]) each.disconnect();
  }

  // In a database for each: they rest at the same time.
  it('lets the worker rest, which goes on when that is put right: wait, meta, marker', async () => {
    const names = ['wait', 'meta', 'marker'];
    await Promise.all(names.map((name, index) => restsAndGoesOn(name, redis.duplicate({ db: index + 1 }))));
  });

  it('is named where an answer of the queue meets it', async () => {
    await redis.set(`${QUEUE_PREFIX}:checks:wait`, 'x');
    await expect(asks[CHECKS]?.[1]?.()).rejects.toMatchObject({ key: `${QUEUE_PREFIX}:checks:wait` });
    await redis.set(`${QUEUE_PREFIX}:cards:marker`, 'x');
    await expect(asks[CARDS]?.[1]?.()).rejects.toMatchObject({ key: `${QUEUE_PREFIX}:cards:marker` });
  });
});
