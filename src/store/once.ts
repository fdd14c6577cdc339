/** Things that count once, and offers that are taken once. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Offer, Offers, Once } from '#app/check-ports.ts';
import type { Aside } from './aside.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { bad, parseJsonRecord, VERSION } from './record.ts';
import { createRecords } from './records.ts';
import { word } from './shapes.ts';

const OFFER_LIFE_MS = 30 * 60_000;
const LONGEST_OFFER = 4096;

const offerShape = z.object({ kind: z.literal('check'), host: word, interval: z.int().min(1).max(60) });

export function createOnce(redis: RedisConnection): Once {
  const seen = (key: string) => keyOf('seen', key);
  return {
    first: async (key, forMs) => (await redis.set(seen(key), '1', 'PX', forMs, 'NX')) !== null,
    forget: async (key) => void (await redis.del(seen(key))),
  };
}

export function createOffers(redis: RedisConnection, aside: Aside): Offers {
  const records = createRecords(redis, aside);

  return {
    async put(offer) {
      const id = randomBytes(12).toString('base64url');
      await redis.set(keyOf('offer', id), JSON.stringify({ version: VERSION, ...offer }), 'PX', OFFER_LIFE_MS);
      return id;
    },
    async take(id) {
      const key = keyOf('offer', id);
      const text = await records.typed(key, () => redis.getdel(key));
      if (text === null) return undefined;
      const parsed = text.length > LONGEST_OFFER ? bad('it is too large') : parseJsonRecord<Offer>(offerShape, text);
      if (parsed.kind === 'bad') await aside.keep(key, text, parsed.why);
      return parsed.kind === 'good' ? parsed.value : undefined;
    },
  };
}
