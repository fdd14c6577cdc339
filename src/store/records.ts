/** Reads records of Redis one by one: each is bounded, judged apart from the others, and set aside when it cannot be read. */
import type { Aside } from './aside.ts';
import type { RedisConnection } from './connect-redis.ts';
import { isWrongType } from './key-types.ts';
import { type Fields, MOST_BYTES, readHash } from './read-hash.ts';
import { bad, type Parsed } from './record.ts';

/** `bad`: it was there, could not be read, and has just been set aside. */
export type Found<T> =
  | { readonly kind: 'good'; readonly value: T }
  | { readonly kind: 'newer' }
  | { readonly kind: 'bad' }
  | { readonly kind: 'none' };

export const NONE = { kind: 'none' } as const;

/** Of an index at once; what follows has its turn when these are gone. */
const MOST_LISTED = 10_000;

export interface Records {
  readonly hash: <T>(key: string, parse: (fields: Fields) => Parsed<T>) => Promise<Found<T>>;
  readonly bytes: <T>(key: string, parse: (bytes: Buffer) => Parsed<T>) => Promise<Found<T>>;
  /** What the members of an index, in its order, stand for; those that stand for nothing leave it. */
  readonly listed: <T>(
    index: string,
    ids: readonly string[],
    find: (id: string) => Promise<Found<T>>,
  ) => Promise<readonly T[]>;
  /** Runs commands that expect a type at `key`; what has another type is set aside first. */
  readonly typed: <T>(key: string, work: () => Promise<T>) => Promise<T>;
  /** Ids of an index. */
  readonly range: (index: string, order: 'oldest' | 'newest', most?: number) => Promise<readonly string[]>;
}

export function createRecords(redis: RedisConnection, aside: Aside): Records {
  async function settle<T>(key: string, parsed: Parsed<T>): Promise<Found<T>> {
    if (parsed.kind === 'good') return parsed;
    if (parsed.kind === 'newer') {
      await aside.name(key, parsed.version);
      return { kind: 'newer' };
    }
    await aside.move(key, parsed.why);
    return { kind: 'bad' };
  }

  async function typed<T>(key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isWrongType(error)) throw error;
      await aside.move(key, 'it is of another type');
      return work();
    }
  }

  return {
    async hash(key, parse) {
      const read = await readHash(redis, key);
      if (read === undefined) return NONE;
      return settle(key, typeof read === 'string' ? bad(read) : parse(read));
    },
    async bytes(key, parse) {
      const found = await typed(key, () => redis.getrangeBuffer(key, 0, MOST_BYTES));
      if (found.length === 0) return NONE;
      return settle(key, found.length > MOST_BYTES ? bad('it is too large') : parse(found));
    },
    async listed(index, ids, find) {
      const found = await Promise.all(ids.map(find));
      const gone = ids.filter((_, at) => found[at]?.kind === 'none' || found[at]?.kind === 'bad');
      if (gone.length > 0) await redis.zrem(index, ...gone);
      return found.flatMap((each) => (each.kind === 'good' ? [each.value] : []));
    },
    typed,
    range: (index, order, most = MOST_LISTED) =>
      typed(index, () =>
        order === 'oldest' ? redis.zrange(index, 0, String(most - 1)) : redis.zrevrange(index, 0, String(most - 1)),
      ),
  };
}

/** Undefined unless it is there and can be read. */
export function ifGood<T>(found: Found<T>): T | undefined {
  return found.kind === 'good' ? found.value : undefined;
}
