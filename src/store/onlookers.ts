/** Who opened the overview lately, wherever they did. */
import type { Onlookers } from '#app/run-ports.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';

const ONLOOKERS = keyOf('onlookers');
const LATELY_MS = 10 * 60_000;

export function createOnlookers(redis: RedisConnection): Onlookers {
  return {
    async came(user) {
      await redis.zadd(ONLOOKERS, Date.now(), user);
      await redis.pexpire(ONLOOKERS, LATELY_MS);
    },
    async recent() {
      await redis.zremrangebyscore(ONLOOKERS, '-inf', String(Date.now() - LATELY_MS));
      return redis.zrange(ONLOOKERS, 0, '-1');
    },
  };
}
