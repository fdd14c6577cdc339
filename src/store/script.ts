/** Scripts that Redis runs in one step. Each says which types it expects, and writes nothing when a key has another. */
import type { Aside } from './aside.ts';
import type { RedisConnection } from './connect-redis.ts';

/** `any`: the script gets along with whatever is there. */
type KeyType = 'hash' | 'zset' | 'set' | 'any';

export type Script = string & { readonly __brand: 'Script' };

/** `types`: of the keys, in order. */
export function script(types: readonly KeyType[], lua: string): Script {
  const expected = types.map((type) => `'${type}'`).join(',');
  return `
for index, expected in ipairs({${expected}}) do
  local type = redis.call('TYPE', KEYS[index])['ok']
  if expected ~= 'any' and type ~= 'none' and type ~= expected then
    return redis.error_reply('WRONGTYPE key ' .. index .. ' is a ' .. type)
  end
end
${lua}` as Script;
}

const WRONG_TYPE = /WRONGTYPE key (\d+) (is a \w+)/;

/** What is of another type than the script expects is set aside, one key after the other, and the script runs again. */
export async function runScript(
  redis: RedisConnection,
  aside: Aside,
  lua: Script,
  keys: readonly string[],
  words: readonly (string | number | Buffer)[],
): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    try {
      return await redis.eval(lua, keys.length, ...keys, ...words);
    } catch (error) {
      const [, index, why] = WRONG_TYPE.exec(error instanceof Error ? error.message : '') ?? [];
      const key = keys[Number(index) - 1];
      if (key === undefined || tries === keys.length) throw error;
      await aside.move(key, `it ${why}`);
    }
  }
}
