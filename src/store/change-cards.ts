/** Where changes are shown, in Redis. */
import type { ChangeCard, ChangeCards } from '#app/change-ports.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { withLock } from './lock.ts';

/** How long a card stays as it is when whoever was changing it was killed. */
const ALONE_MS = 6_000;

export function createChangeCards(redis: RedisConnection, keepMs: number): ChangeCards {
  return {
    async put(id, card) {
      await redis.multi().hset(cardKey(id), encode(card)).pexpire(cardKey(id), keepMs).exec();
    },
    async find(id) {
      const fields = await redis.hgetall(cardKey(id));
      return fields['channel'] === undefined ? undefined : decode(fields);
    },
    change: async (id, fields) => void (await redis.hset(cardKey(id), encode(fields))),
    alone: (id, work) => withLock(redis, keyOf('change', id, 'card', 'lock'), ALONE_MS, work),
  };
}

function cardKey(id: string): string {
  return keyOf('change', id, 'card');
}

function encode(card: Partial<ChangeCard>): Record<string, string> {
  return Object.fromEntries(Object.entries(card).map(([name, value]) => [name, JSON.stringify(value)]));
}

function decode(fields: Readonly<Record<string, string>>): ChangeCard {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, JSON.parse(value)]),
  ) as unknown as ChangeCard;
}
