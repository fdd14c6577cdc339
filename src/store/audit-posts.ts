/** How far the audit trail has been posted to Slack, in Redis. */
import type { AuditPosts } from '#app/change-ports.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { withLock } from './lock.ts';

const POSTED = keyOf('audit', 'posted');
const ALONE_MS = 15_000;

export function createAuditPosts(redis: RedisConnection): AuditPosts {
  return {
    async position() {
      const seq = await redis.get(POSTED);
      return seq === null ? null : Number(seq);
    },
    moveTo: async (seq) => void (await redis.set(POSTED, seq)),
    alone: (work) => withLock(redis, keyOf('audit', 'posted', 'lock'), ALONE_MS, work),
  };
}
