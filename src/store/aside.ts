/** Records that cannot be read: moved out of the way at once, kept to be looked at, listed for the doctor, and said once. */
import { z } from 'zod';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf, PREFIX } from './keys.ts';
import { readHash } from './read-hash.ts';
import { parseJsonRecord, VERSION } from './record.ts';
import { moment, word } from './shapes.ts';

export interface Unreadable {
  /** The key it had. */
  readonly key: string;
  /** Follows a colon. */
  readonly why: string;
  readonly at: Date;
  /** Where it is now; null when a newer version wrote it, and it is where it was. */
  readonly aside: string | null;
}

/** Hears of each record once. */
export type OnUnreadable = (record: Unreadable) => void;

export interface Aside {
  /** Moves what is at `key`. */
  readonly move: (key: string, why: string) => Promise<void>;
  /** Keeps the text of a record that is a part of what is at `key`, or is there no more. */
  readonly keep: (key: string, text: string, why: string) => Promise<void>;
  /** Names a record of a newer version, and leaves it as it is. */
  readonly name: (key: string, version: number) => Promise<void>;
  /** Oldest first. */
  readonly list: () => Promise<readonly Unreadable[]>;
}

const LIST = keyOf('unreadable');
const KEPT_MS = 30 * 86_400_000;
const MOST = 500;
const LONGEST_ENTRY = 4096;

/**
 * KEYS: the list, the place aside, the record ('move' only). ARGV: 'move' | 'keep' | 'name', the key, what is said of it,
 * how long it is kept, how many, the text to keep. Answers 1 when that is news.
 */
const SET_ASIDE = `
if ARGV[1] == 'move' then
  if redis.call('EXISTS', KEYS[3]) == 0 then return 0 end
  redis.call('RENAME', KEYS[3], KEYS[2])
elseif ARGV[1] == 'keep' then redis.call('SET', KEYS[2], ARGV[6]) end
if ARGV[1] ~= 'name' then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
if redis.call('TYPE', KEYS[1])['ok'] ~= 'hash' then redis.call('DEL', KEYS[1]) end
local is_new = redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[5]) then redis.call('HDEL', KEYS[1], redis.call('HRANDFIELD', KEYS[1])) end
return (ARGV[1] == 'name') and is_new or 1
`;

const entry = z.object({ why: z.string(), at: moment, aside: word.nullable() });

export function createAside(redis: RedisConnection, onUnreadable: OnUnreadable = () => {}): Aside {
  async function set(how: 'move' | 'keep' | 'name', key: string, why: string, text = ''): Promise<void> {
    const at = new Date();
    const aside = how === 'name' ? null : asideOf(key);
    const said = JSON.stringify({ version: VERSION, why, at, aside });
    const keys = [LIST, aside ?? LIST, ...(how === 'move' ? [key] : [])];
    const isNews = await redis.eval(SET_ASIDE, keys.length, ...keys, how, key, said, KEPT_MS, MOST, text);
    if (isNews === 1) onUnreadable({ key, why, at, aside });
  }

  return {
    move: (key, why) => set('move', key, why),
    keep: (key, text, why) => set('keep', key, why, text),
    name: (key, version) => set('name', key, `it is of version ${version}, and this tcp-oncall reads up to ${VERSION}`),
    async list() {
      const read = await readHash(redis, LIST);
      if (read === undefined) return [];
      if (typeof read === 'string') return [{ key: LIST, why: read, at: new Date(0), aside: null }];
      const all = [...read].map(([key, said]) => readEntry(key, said));
      const standing = await Promise.all(all.map(async (each) => isThere(each.aside ?? each.key)));
      return all.filter((_, index) => standing[index]).toSorted((a, b) => a.at.getTime() - b.at.getTime());
    },
  };

  /** One that an administrator has removed is no matter any more. */
  async function isThere(key: string): Promise<boolean> {
    return (await redis.exists(key)) === 1;
  }
}

function asideOf(key: string): string {
  return keyOf('aside', key.slice(PREFIX.length + 1));
}

/** Also what is said here may have been written by somebody else. */
function readEntry(key: string, said: string): Unreadable {
  const parsed = said.length > LONGEST_ENTRY ? undefined : parseJsonRecord(entry, said);
  return parsed?.kind === 'good'
    ? { key, ...parsed.value }
    : { key, why: 'it is not known why', at: new Date(0), aside: asideOf(key) };
}
