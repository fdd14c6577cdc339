/** Cards in Redis: where each is, and how much of its subject it shows. */
import type { Cards } from '#app/card-ports.ts';
import type { Card, Subject } from '#domain/card.ts';
import type { ChangeId } from '#domain/change.ts';
import type { Aside } from './aside.ts';
import { cardFields } from './card-shape.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { withLock } from './lock.ts';
import type { Fields } from './read-hash.ts';
import { ofKey, type Parsed, parseHashRecord, VERSION } from './record.ts';
import { createRecords, type Found, ifGood } from './records.ts';
import { runScript, script } from './script.ts';

const UNSETTLED = keyOf('cards', 'unsettled');
/** How long a card stays as it is when the process that was changing it was killed. */
const ALONE_MS = 6_000;
/** Everybody who shares a check has one. */
const MOST_OF_SUBJECT = 1000;
/** To add one: what can be in the way is another at its key. */
const MOST_TRIES = 2;

/**
 * Adds a card, unless it is there.
 * KEYS: the card, the cards of its subject, the unsettled ones. ARGV: id, now, how long it is kept, fields of the card.
 */
const ADD = script(
  ['hash', 'set', 'zset'],
  `
if redis.call('EXISTS', KEYS[1]) == 1 then return 'known' end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
return 'done'
`,
);

/**
 * Changes fields of a card that is there: one that was set aside is not begun again by what changes in it.
 * KEYS: the card. ARGV: today's version, how many words follow that bring it to that, those, fields and values.
 */
const CHANGE = script(
  ['hash'],
  `
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
local upgrade = tonumber(ARGV[2])
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then redis.call('HSET', KEYS[1], unpack(ARGV, 3, 2 + upgrade)) end
redis.call('HSET', KEYS[1], unpack(ARGV, 3 + upgrade))
return 'done'
`,
);

export function createCards(redis: RedisConnection, aside: Aside, keepMs: number): Cards {
  const records = createRecords(redis, aside);

  function look(id: string): Promise<Found<Card>> {
    return records.hash(cardKey(id), (fields) => parse(id, fields));
  }

  const find = async (id: string) => ifGood(await look(id));

  /** The one that is there already, if it can be read: what cannot is out of the way after the first try. */
  async function write(card: Card): Promise<Card> {
    const keys = [cardKey(card.id), ofSubjectKey(card.subject), UNSETTLED];
    const words = [card.id, Date.now(), keepMs, ...Object.entries(encode(card)).flat()];
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if ((await runScript(redis, aside, ADD, keys, words)) === 'done') return card;
      const known = await find(card.id);
      if (known !== undefined) return known;
    }
    return card;
  }

  /** Up to version 2 a change had one card, in a record of another kind. */
  async function adopt(change: ChangeId): Promise<readonly string[]> {
    const key = keyOf('change', change, 'card');
    const found = await records.hash(key, (fields) => parse(change, new Map(fields).set('change', change)));
    if (found.kind !== 'good') return [];
    const card = await write(found.value);
    await redis.del(key);
    return [card.id];
  }

  async function idsOf(subject: Subject): Promise<readonly string[]> {
    const key = ofSubjectKey(subject);
    const ids = await records.typed(key, () => redis.srandmember(key, MOST_OF_SUBJECT));
    return ids.length === 0 && subject.kind === 'change' ? adopt(subject.id) : ids;
  }

  return {
    add: (card) => write({ ...card, message: null, shown: -1, progress: '', told: [] }),
    find,
    idsOf,
    async of(subject) {
      const found = await Promise.all((await idsOf(subject)).map(find));
      return found.filter((card) => card !== undefined);
    },
    async change(card, fields) {
      const today = Object.entries(encode(card)).flat();
      const changed = Object.entries(encodeShowing(fields)).flat();
      await runScript(redis, aside, CHANGE, [cardKey(card.id)], [VERSION, today.length, ...today, ...changed]);
    },
    async unsettled() {
      const old = String(Date.now() - keepMs);
      await records.typed(UNSETTLED, () => redis.zremrangebyscore(UNSETTLED, '-inf', old));
      return records.listed(UNSETTLED, await records.range(UNSETTLED, 'oldest'), look);
    },
    settle: async (id) => void (await records.typed(UNSETTLED, () => redis.zrem(UNSETTLED, id))),
    unsettle: async (id) => void (await records.typed(UNSETTLED, () => redis.zadd(UNSETTLED, 'NX', Date.now(), id))),
    alone: (id, work) => withLock(redis, keyOf('card', id, 'lock'), ALONE_MS, work),
  };
}

function cardKey(id: string): string {
  return keyOf('card', id);
}

/** Checks are called runs in Redis. */
function ofSubjectKey({ kind, id }: Subject): string {
  return keyOf(kind === 'check' ? 'run' : kind, id, 'cards');
}

type Encoded = Readonly<Record<string, string>>;

function encode({ id, subject, place, language, askedBy, ...showing }: Card): Encoded {
  const { channel, thread } = place;
  const about = { id, subject: JSON.stringify(subject), channel, thread: thread ?? '', language, askedBy };
  return { ...about, ...encodeShowing(showing), version: String(VERSION) };
}

function encodeShowing({
  message,
  shown,
  progress,
  told,
}: Partial<Pick<Card, 'message' | 'shown' | 'progress' | 'told'>>): Encoded {
  return {
    ...(message !== undefined && { message: message ?? '' }),
    ...(shown !== undefined && { shown: String(shown) }),
    ...(progress !== undefined && { progress }),
    ...(told !== undefined && { told: JSON.stringify(told) }),
  };
}

function parse(id: string, fields: Fields): Parsed<Card> {
  return ofKey(parseHashRecord(cardFields, fields), 'id', id, 'card');
}
