/** Freezes that somebody ordered, in Redis, each with its audit record. */
import type { Freezes } from '#app/change-ports.ts';
import type { AuditEntry } from '#change/audit.ts';
import type { OrderedFreeze } from '#domain/change.ts';
import { type AuditWriter, HEAD, TRAIL } from './audit-trail.ts';
import { RECORD } from './change-scripts.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';

const FREEZES = keyOf('changes', 'freezes');

export function createFreezes(redis: RedisConnection, audit: AuditWriter): Freezes {
  function record(entry: AuditEntry, step: 'hset' | 'hdel', field: string, value: string) {
    return audit.append(entry, async (written, head) => {
      const words = [head.seq, JSON.stringify(written), written.seq, written.digest, step, field, value];
      return (await redis.eval(RECORD, 3, HEAD, TRAIL, FREEZES, ...words)) as 'done' | 'nothing' | 'moved';
    });
  }

  return {
    async list() {
      const all = Object.values(await redis.hgetall(FREEZES));
      return all.map((text) => {
        const freeze = JSON.parse(text) as OrderedFreeze;
        return { ...freeze, since: new Date(freeze.since) };
      });
    },
    freeze: async (freeze, entry) => void (await record(entry, 'hset', freeze.group, JSON.stringify(freeze))),
    thaw: async (group, entry) => (await record(entry, 'hdel', group, '')) === 'done',
  };
}
