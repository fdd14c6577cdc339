/** Reads a hash of Redis in one step, whatever somebody put there, and no more of it than we would ever write. */
import type { RedisConnection } from './connect-redis.ts';

/** A hash as Redis has it. Never an object: a field may be called `__proto__`. */
export type Fields = ReadonlyMap<string, string>;

/** Far more than anything of ours has: the largest hash has a field for each group that is frozen. */
const MOST_FIELDS = 1000;
/** Characters; a report is the largest that we write. */
export const MOST_BYTES = 8 * 1_048_576;

/** KEYS: the record. ARGV: most fields, most bytes. */
const READ_HASH = `
local type = redis.call('TYPE', KEYS[1])['ok']
if type == 'none' then return nil end
if type ~= 'hash' then return 'it is a ' .. type end
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[1]) then return 'it has too many fields' end
local bytes = 0
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do bytes = bytes + #name + redis.call('HSTRLEN', KEYS[1], name) end
if bytes > tonumber(ARGV[2]) then return 'it is too large' end
return redis.call('HGETALL', KEYS[1])
`;

/** Undefined when nothing is there; a sentence when it cannot be read, to follow a colon. */
export async function readHash(redis: RedisConnection, key: string): Promise<Fields | string | undefined> {
  const answer = (await redis.eval(READ_HASH, 1, key, MOST_FIELDS, MOST_BYTES)) as string | readonly string[] | null;
  if (answer === null || typeof answer === 'string') return answer ?? undefined;
  return pairs(answer);
}

/** What Redis answers a HGETALL within a script. */
export function pairs(flat: readonly string[]): Fields {
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < flat.length; at += 2) fields.set(flat[at] ?? '', flat[at + 1] ?? '');
  return fields;
}
