/** Cards in Redis: where each is, and how much of its run it shows. */
import type { Cards } from '#app/run-ports.ts';
import type { Card } from '#domain/card.ts';
import type { RunId } from '#domain/check-run.ts';
import type { Language } from '#domain/language.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { withLock } from './lock.ts';

const UNSETTLED = keyOf('cards', 'unsettled');
/** How long a card stays as it is when whoever was changing it was killed. */
const ALONE_MS = 6_000;

export function createCards(redis: RedisConnection, keepMs: number): Cards {
  async function find(id: string): Promise<Card | undefined> {
    return decode(await redis.hgetall(cardKey(id)));
  }

  async function findAll(ids: readonly string[]): Promise<readonly Card[]> {
    return (await Promise.all(ids.map(find))).filter((card) => card !== undefined);
  }

  return {
    async add(card) {
      const known = await find(card.id);
      if (known !== undefined) return known;
      const added: Card = { ...card, message: null, shown: -1, told: false };
      await redis
        .multi()
        .hset(cardKey(card.id), encode(added))
        .pexpire(cardKey(card.id), keepMs)
        .sadd(ofRunKey(card.run), card.id)
        .pexpire(ofRunKey(card.run), keepMs)
        .zadd(UNSETTLED, Date.now(), card.id)
        .exec();
      return added;
    },
    find,
    ofRun: async (run) => findAll(await redis.smembers(ofRunKey(run))),
    async change(id, { message, shown, told }) {
      const fields = {
        ...(message !== undefined && { message: message ?? '' }),
        ...(shown !== undefined && { shown: String(shown) }),
        ...(told !== undefined && { told: told ? '1' : '0' }),
      };
      await redis.hset(cardKey(id), fields);
    },
    async unsettled() {
      await redis.zremrangebyscore(UNSETTLED, '-inf', String(Date.now() - keepMs));
      return findAll(await redis.zrange(UNSETTLED, 0, '-1'));
    },
    settle: async (id) => void (await redis.zrem(UNSETTLED, id)),
    alone: (id, work) => withLock(redis, keyOf('card', id, 'lock'), ALONE_MS, work),
  };
}

function cardKey(id: string): string {
  return keyOf('card', id);
}

function ofRunKey(run: RunId): string {
  return keyOf('run', run, 'cards');
}

function encode({ id, run, place, language, askedBy, message, shown, told }: Card): Readonly<Record<string, string>> {
  const { channel, thread } = place;
  const where = { channel, thread: thread ?? '', message: message ?? '' };
  return { id, run, ...where, language, askedBy, shown: String(shown), told: told ? '1' : '0' };
}

function decode(fields: Readonly<Record<string, string>>): Card | undefined {
  const { id, run, channel, thread, language, askedBy, message, shown, told } = fields;
  if (id === undefined || run === undefined || channel === undefined) return undefined;
  return {
    id,
    run: run as RunId,
    place: { channel, thread: thread || null },
    language: language as Language,
    askedBy: askedBy ?? '',
    message: message || null,
    shown: Number(shown),
    told: told === '1',
  };
}
