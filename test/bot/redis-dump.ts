/** All keys of a Redis as plain data: recorded from one bot, put back for another. */
import type { Redis } from 'ioredis';

/** Values are base64: reports are compressed. */
export type Dumped = { readonly key: string; readonly lifeMs: number | null } & (
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'hash' | 'zset' | 'set' | 'list'; readonly value: readonly string[] }
  | { readonly type: 'stream'; readonly value: readonly (readonly [id: string, fields: readonly string[]])[] }
);

/** Sorted by key, so that two dumps can be compared. */
export async function dumpRedis(redis: Redis, pattern = '*'): Promise<readonly Dumped[]> {
  const keys = (await redis.keys(pattern)).toSorted();
  const all = await Promise.all(keys.map((key) => dumpKey(redis, key)));
  return all.filter((each) => each !== undefined);
}

async function dumpKey(redis: Redis, key: string): Promise<Dumped | undefined> {
  const [type, life] = await Promise.all([redis.type(key), redis.pttl(key)]);
  const about = { key, lifeMs: life < 0 ? null : life };
  switch (type) {
    case 'string':
      return { ...about, type, value: ((await redis.getBuffer(key)) ?? Buffer.alloc(0)).toString('base64') };
    case 'hash': {
      const fields = await redis.hgetallBuffer(key);
      return {
        ...about,
        type,
        value: Object.entries(fields).flatMap(([name, value]) => [base64(name), value.toString('base64')]),
      };
    }
    case 'zset':
      return { ...about, type, value: (await redis.zrange(key, 0, '-1', 'WITHSCORES')).map(base64) };
    case 'set':
      return { ...about, type, value: (await redis.smembers(key)).toSorted().map(base64) };
    case 'list':
      return { ...about, type, value: (await redis.lrange(key, 0, -1)).map(base64) };
    case 'stream': {
      const entries = await redis.xrange(key, '-', '+');
      return { ...about, type, value: entries.map(([id, fields]) => [id, fields.map(base64)] as const) };
    }
    default:
      return undefined;
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** What was to end some time after it was recorded ends that long after now; what has no end goes on having none. */
export async function restoreRedis(redis: Redis, dump: readonly Dumped[]): Promise<void> {
  for (const each of dump) {
    await restoreKey(redis, each);
    if (each.lifeMs !== null) await redis.pexpire(each.key, each.lifeMs);
  }
}

async function restoreKey(redis: Redis, { key, ...each }: Dumped): Promise<void> {
  const bytes = (text: string) => Buffer.from(text, 'base64');
  switch (each.type) {
    case 'string':
      return void (await redis.set(key, bytes(each.value)));
    case 'hash':
      return void (await redis.hset(key, ...each.value.map(bytes)));
    case 'zset':
      for (let at = 0; at < each.value.length; at += 2)
        await redis.zadd(key, bytes(each.value[at + 1] ?? '').toString(), bytes(each.value[at] ?? ''));
      return;
    case 'set':
      return void (await redis.sadd(key, ...each.value.map(bytes)));
    case 'list':
      return void (await redis.rpush(key, ...each.value.map(bytes)));
    case 'stream':
      for (const [id, fields] of each.value) await redis.xadd(key, id, ...fields.map(bytes));
  }
}
