/** The trail as it lies in a real Redis, also when somebody has been at it there. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AuditEntry, type AuditRecord, createVerifier } from '#change/audit.ts';
import { openRedisPlace } from '../../test/contract/redis-place.ts';
import { type AuditWriter, createAuditTrail, HEAD, TRAIL } from './audit-trail.ts';
import { RECORD } from './change-scripts.ts';
import { keyOf } from './keys.ts';

/** More than are read at once. */
const MANY = 2500;

let place: Awaited<ReturnType<typeof openRedisPlace>>;
let redis: Redis;
let trail: AuditWriter;

beforeAll(async () => {
  place = await openRedisPlace();
  redis = place.redis;
});
afterAll(() => place.close());
beforeEach(async () => {
  await redis.flushall();
  trail = createAuditTrail(redis);
});

async function write(count: number): Promise<void> {
  const about = { change: null, host: null, from: null, to: null, actor: null, hash: null };
  for (let index = 0; index < count; index++) {
    const entry: AuditEntry = { ...about, at: new Date(index).toISOString(), event: 'freeze', details: { index } };
    await trail.append(entry, async (record, head) => {
      const words = [head.seq, JSON.stringify(record), record.seq, record.digest, 'hset', 'index', index];
      return (await redis.eval(RECORD, 3, HEAD, TRAIL, keyOf('test'), ...words)) as 'done' | 'moved';
    });
  }
}

async function read(after?: number): Promise<readonly AuditRecord[]> {
  const all: AuditRecord[] = [];
  for await (const portion of trail.records(after)) all.push(...portion);
  return all;
}

async function verify() {
  const verifier = createVerifier();
  for (const record of await read()) verifier.take(record);
  return verifier.result(await trail.head());
}

it('is read whole and in order, from any record on', async () => {
  await write(MANY);
  expect((await read()).map(({ seq }) => seq)).toEqual(Array.from({ length: MANY }, (_, index) => index + 1));
  expect((await read(MANY - 2)).map(({ seq }) => seq)).toEqual([MANY - 1, MANY]);
  expect(await read(MANY)).toEqual([]);
  expect(await verify()).toEqual({ records: MANY, broken: null });
});

it('tells a slow reader what was written meanwhile', async () => {
  await write(2);
  const seen: number[] = [];
  for await (const portion of trail.records()) {
    if (seen.length === 0) await write(1);
    seen.push(...portion.map(({ seq }) => seq));
  }
  expect(seen).toEqual([1, 2, 3]);
});

it('whatever is put in the place of a record breaks the chain there, and only there', async () => {
  await write(5);
  const entries = await redis.xrange(TRAIL, '-', '+');
  const other = { ...JSON.parse(entries[3]?.[1][1] ?? ''), seq: 1 };
  for (const text of ['', '{"seq":3', 'null', '3', '[]', '{"seq":3}', JSON.stringify(other)]) {
    await redis.del(TRAIL);
    for (const [id, fields] of entries) await redis.xadd(TRAIL, id, ...(id === '3-0' ? ['record', text] : fields));
    expect((await verify()).broken, text).toMatchObject({ seq: 3 });
    expect(await read()).toHaveLength(5);
  }
});
