/** Cards in Redis: where each is, and how much of its run it shows. */
import type { Cards } from '#app/check-ports.ts';
import type { Card } from '#domain/card.ts';
import type { CheckId } from '#domain/check.ts';
import type { Aside } from './aside.ts';
import { cardFields } from './card-shape.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { withLock } from './lock.ts';
import type { Fields } from './read-hash.ts';
import { bad, type Parsed, parseHashRecord, VERSION } from './record.ts';
import { createRecords, type Found, ifGood } from './records.ts';
import { runScript, script } from './script.ts';
import { UPDATE } from './update-script.ts';

const UNSETTLED = keyOf('cards', 'unsettled');
/** How long a card stays as it is when whoever was changing it was killed. */
const ALONE_MS = 6_000;
/** Everybody who shares a run has one. */
const MOST_OF_RUN = 1000;

/** KEYS: the card, the cards of its run, the unsettled ones. ARGV: id, now, how long it is kept, fields of the card. */
const ADD = script(
  ['hash', 'set', 'zset'],
  `
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
return 'done'
`,
);

export function createCards(redis: RedisConnection, aside: Aside, keepMs: number): Cards {
  const records = createRecords(redis, aside);

  function look(id: string): Promise<Found<Card>> {
    return records.hash(cardKey(id), (fields) => parse(id, fields));
  }

  const find = async (id: string) => ifGood(await look(id));

  return {
    async add(card) {
      const known = await find(card.id);
      if (known !== undefined) return known;
      const added: Card = { ...card, message: null, shown: -1, told: false };
      const keys = [cardKey(card.id), ofRunKey(card.run), UNSETTLED];
      await runScript(redis, aside, ADD, keys, [card.id, Date.now(), keepMs, ...Object.entries(encode(added)).flat()]);
      return added;
    },
    find,
    async ofRun(run) {
      const ids = await records.typed(ofRunKey(run), () => redis.srandmember(ofRunKey(run), MOST_OF_RUN));
      const found = await Promise.all(ids.map(find));
      return found.filter((card) => card !== undefined);
    },
    async change(id, { message, shown, told }) {
      const fields = {
        ...(message !== undefined && { message: message ?? '' }),
        ...(shown !== undefined && { shown: String(shown) }),
        ...(told !== undefined && { told: told ? '1' : '0' }),
      };
      await runScript(redis, aside, UPDATE, [cardKey(id)], Object.entries(fields).flat());
    },
    async unsettled() {
      const old = String(Date.now() - keepMs);
      await records.typed(UNSETTLED, () => redis.zremrangebyscore(UNSETTLED, '-inf', old));
      return records.listed(UNSETTLED, await records.range(UNSETTLED, 'oldest'), look);
    },
    settle: async (id) => void (await records.typed(UNSETTLED, () => redis.zrem(UNSETTLED, id))),
    alone: (id, work) => withLock(redis, keyOf('card', id, 'lock'), ALONE_MS, work),
  };
}

function cardKey(id: string): string {
  return keyOf('card', id);
}

function ofRunKey(run: CheckId): string {
  return keyOf('run', run, 'cards');
}

function encode({ id, run, place, language, askedBy, message, shown, told }: Card): Readonly<Record<string, string>> {
  const { channel, thread } = place;
  const where = { channel, thread: thread ?? '', message: message ?? '' };
  const showing = { shown: String(shown), told: told ? '1' : '0' };
  return { id, run, ...where, language, askedBy, ...showing, version: String(VERSION) };
}

function parse(id: string, fields: Fields): Parsed<Card> {
  const parsed = parseHashRecord(cardFields, fields);
  return parsed.kind === 'good' && parsed.value.id !== id ? bad('id: is that of another card') : parsed;
}
