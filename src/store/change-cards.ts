/** Where changes are shown, in Redis. */
import type { ChangeCard, ChangeCards } from '#app/change-ports.ts';
import type { Aside } from './aside.ts';
import { changeCardFields } from './card-shape.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { withLock } from './lock.ts';
import { parseHashRecord, VERSION } from './record.ts';
import { createRecords, ifGood } from './records.ts';
import { runScript } from './script.ts';
import { UPDATE } from './update-script.ts';

/** How long a card stays as it is when whoever was changing it was killed. */
const ALONE_MS = 6_000;

export function createChangeCards(redis: RedisConnection, aside: Aside, keepMs: number): ChangeCards {
  const records = createRecords(redis, aside);

  return {
    async put(id, card) {
      const key = cardKey(id);
      await redis
        .multi()
        .del(key)
        .hset(key, { ...encode(card), version: VERSION })
        .pexpire(key, keepMs)
        .exec();
    },
    find: async (id) => ifGood(await records.hash(cardKey(id), (fields) => parseHashRecord(changeCardFields, fields))),
    change: async (id, fields) =>
      void (await runScript(redis, aside, UPDATE, [cardKey(id)], Object.entries(encode(fields)).flat())),
    alone: (id, work) => withLock(redis, keyOf('change', id, 'card', 'lock'), ALONE_MS, work),
  };
}

function cardKey(id: string): string {
  return keyOf('change', id, 'card');
}

function encode(card: Partial<ChangeCard>): Record<string, string> {
  return Object.fromEntries(Object.entries(card).map(([name, value]) => [name, JSON.stringify(value)]));
}
