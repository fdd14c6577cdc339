/** Things that count once, and offers that are taken once. */
import { randomBytes } from 'node:crypto';
import type { Offer, Offers, Once } from '#app/run-ports.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';

const OFFER_LIFE_MS = 30 * 60_000;

export function createOnce(redis: RedisConnection): Once {
  const seen = (key: string) => keyOf('seen', key);
  return {
    first: async (key, forMs) => (await redis.set(seen(key), '1', 'PX', forMs, 'NX')) !== null,
    forget: async (key) => void (await redis.del(seen(key))),
  };
}

export function createOffers(redis: RedisConnection): Offers {
  return {
    async put(offer) {
      const id = randomBytes(12).toString('base64url');
      await redis.set(keyOf('offer', id), JSON.stringify(offer), 'PX', OFFER_LIFE_MS);
      return id;
    },
    async take(id) {
      const text = await redis.getdel(keyOf('offer', id));
      return text === null ? undefined : (JSON.parse(text) as Offer);
    },
  };
}
