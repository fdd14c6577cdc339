/** A lock that ends by itself when its holder has gone: one holder at a time, on whichever machine. */
import { randomUUID } from 'node:crypto';
import type { RedisConnection } from './connect-redis.ts';

const IF_OURS = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call";
const RELEASE = `${IF_OURS}('DEL', KEYS[1]) end return 0`;
const RENEW = `${IF_OURS}('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;

/** Undefined, and `work` not begun, while somebody else holds it. `lifeMs`: how long it outlives a holder that was killed. */
export async function withLock<T>(
  redis: RedisConnection,
  key: string,
  lifeMs: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const token = randomUUID();
  if ((await redis.set(key, token, 'PX', lifeMs, 'NX')) === null) return undefined;
  // When Redis is away it cannot be renewed, nor taken by another.
  const renewal = setInterval(() => redis.eval(RENEW, 1, key, token, lifeMs).catch(() => undefined), lifeMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await redis.eval(RELEASE, 1, key, token).catch(() => undefined);
  }
}
