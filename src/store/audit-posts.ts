/** How far the audit trail has been posted to Slack, in Redis. */
import type { AuditPosts } from '#app/change-ports.ts';
import type { Aside } from './aside.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { withLock } from './lock.ts';
import { bad } from './record.ts';
import { createRecords, ifGood } from './records.ts';

const POSTED = keyOf('audit', 'posted');
const ALONE_MS = 15_000;
const NUMBER = /^\d{1,15}$/;

export function createAuditPosts(redis: RedisConnection, aside: Aside): AuditPosts {
  const records = createRecords(redis, aside);

  return {
    async position() {
      const found = await records.bytes<number>(POSTED, (bytes) =>
        NUMBER.test(bytes.toString('latin1')) ? { kind: 'good', value: Number(bytes) } : bad('it is no number'),
      );
      return ifGood(found) ?? null;
    },
    moveTo: async (seq) => void (await redis.set(POSTED, seq)),
    alone: (work) => withLock(redis, keyOf('audit', 'posted', 'lock'), ALONE_MS, work),
  };
}
