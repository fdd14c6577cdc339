/** Keys that there is one of, each with the type it must have. What has another is named: Redis says WRONGTYPE, and not of which key. */
import { StoreBroken } from '#app/check-ports.ts';
import type { RedisConnection } from './connect-redis.ts';

/** Types by key, as TYPE calls them. */
export type KeyTypes = Readonly<Record<string, 'hash' | 'list' | 'set' | 'stream' | 'string' | 'zset'>>;

/** KEYS: the keys. ARGV: their types. Answers where the first one is that has another, and which. */
const FIND_WRONG = `
for index, key in ipairs(KEYS) do
  local type = redis.call('TYPE', key)['ok']
  if type ~= 'none' and type ~= ARGV[index] then return {index, type} end
end
return nil
`;
const WRONG_TYPE = /WRONGTYPE/;

/** Also of a key that is none of these. */
export function isWrongType(error: unknown): boolean {
  return error instanceof Error && WRONG_TYPE.test(error.message);
}

/** Undefined when each that is there has its type. */
export async function findWrongType(redis: RedisConnection, types: KeyTypes): Promise<StoreBroken | undefined> {
  const keys = Object.keys(types);
  const found = await redis.eval(FIND_WRONG, keys.length, ...keys, ...Object.values(types));
  if (found === null) return undefined;
  const [index, type] = found as [number, string];
  const key = keys[index - 1] ?? '';
  return new StoreBroken(key, type, types[key] ?? '');
}

/** Rejects with a StoreBroken unless each that is there has its type. */
export async function refuseWrongTypes(redis: RedisConnection, types: KeyTypes): Promise<void> {
  const wrong = await findWrongType(redis, types);
  if (wrong !== undefined) throw wrong;
}

/** What `error` is when it came of a key of another type that is one of these: a StoreBroken. */
export async function nameWrongType(redis: RedisConnection, types: KeyTypes, error: unknown): Promise<unknown> {
  if (!isWrongType(error)) return error;
  return (await findWrongType(redis, types)) ?? error;
}

/** Rejects with a StoreBroken where `work` met such a key. */
export async function namingWrongType<T>(redis: RedisConnection, types: KeyTypes, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await nameWrongType(redis, types, error);
  }
}
