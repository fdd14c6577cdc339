/** Who opened the overview lately, wherever they did. */
import type { Onlookers } from '#app/check-ports.ts';
import type { Aside } from './aside.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { createRecords } from './records.ts';

const ONLOOKERS = keyOf('onlookers');
const LATELY_MS = 10 * 60_000;
const MOST = 1000;
/** A Slack user's id. */
const USER = /^[UW][A-Z0-9]{1,20}$/;

export function createOnlookers(redis: RedisConnection, aside: Aside): Onlookers {
  const records = createRecords(redis, aside);

  return {
    async came(user) {
      await records.typed(ONLOOKERS, () => redis.zadd(ONLOOKERS, Date.now(), user));
      await redis.pexpire(ONLOOKERS, LATELY_MS);
    },
    async recent() {
      const old = String(Date.now() - LATELY_MS);
      await records.typed(ONLOOKERS, () => redis.zremrangebyscore(ONLOOKERS, '-inf', old));
      return (await records.range(ONLOOKERS, 'newest', MOST)).filter((user) => USER.test(user));
    },
  };
}
