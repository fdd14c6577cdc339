/** Files that are kept with a change, in Redis: compressed, each beside its own description, as long as the change. */
import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Changes, KeptFile } from '#app/change-ports.ts';
import type { ChangeId } from '#domain/change.ts';
import type { Aside } from './aside.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { type Fields, MOST_BYTES as MOST_PACKED } from './read-hash.ts';
import { readJson } from './read-json.ts';
import { bad, type Parsed, parseRecord, VERSION } from './record.ts';
import { createRecords, ifGood } from './records.ts';
import { count, moment, text, word } from './shapes.ts';

/** Names are ours, from a kind; they are parts of keys. */
const NAME = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const MOST_FILES = 30;
/** Unpacked: a compiler that prints a line for each unit of a large kernel says less. */
const MOST_BYTES = 64 * 1_048_576;

const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('kept'), name: word, at: moment, bytes: count, sha256: word }),
  z.object({ kind: z.literal('missed'), name: word, at: moment, why: text }),
]);

type KeptFiles = Pick<Changes, 'keepFile' | 'fileOf' | 'filesOf'>;

/** `keepMs`: how long a change is remembered, and what is kept with it. */
export function createKeptFiles(redis: RedisConnection, aside: Aside, keepMs: number): KeptFiles {
  const records = createRecords(redis, aside);

  async function filesOf(id: ChangeId): Promise<readonly KeptFile[]> {
    return ifGood(await records.hash(listKey(id), parseFiles)) ?? [];
  }

  /** One that is there stays there when it cannot be fetched once more. */
  async function describe(id: ChangeId, file: KeptFile): Promise<void> {
    const [key, json] = [listKey(id), JSON.stringify({ version: VERSION, ...file })];
    const isThere = file.kind === 'kept';
    await records.typed(key, () => (isThere ? redis.hset(key, file.name, json) : redis.hsetnx(key, file.name, json)));
    await redis.pexpire(key, keepMs);
  }

  return {
    async keepFile(id, name, content) {
      if (!NAME.test(name)) throw new RangeError(`${name} is no name of a file that is kept.`);
      const at = new Date();
      if (!Buffer.isBuffer(content)) return describe(id, { kind: 'missed', name, at, why: content.why });
      const packed = gzipSync(content);
      if (packed.length > MOST_PACKED) return describe(id, { kind: 'missed', name, at, why: 'too-large' });
      await redis.set(fileKey(id, name), packed, 'PX', keepMs);
      await describe(id, { kind: 'kept', name, at, bytes: content.length, sha256: hash('sha256', content) });
    },
    async fileOf(id, name) {
      if (!NAME.test(name)) return undefined;
      return ifGood(await records.bytes(fileKey(id, name), unpack));
    },
    filesOf,
  };
}

/** A description that is none says nothing of the others. */
function parseFiles(fields: Fields): Parsed<readonly KeptFile[]> {
  if (fields.size > MOST_FILES) return bad('it has too many files');
  const files = [...fields].flatMap(([name, json]) => {
    const parsed = parseRecord<KeptFile>(shape, readJson(json));
    return parsed.kind === 'good' && parsed.value.name === name ? [parsed.value] : [];
  });
  return { kind: 'good', value: files.toSorted((one, other) => (one.name < other.name ? -1 : 1)) };
}

function unpack(bytes: Buffer): Parsed<Buffer> {
  try {
    return { kind: 'good', value: gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) };
  } catch {
    return bad('it is not compressed, or too large');
  }
}

function listKey(id: ChangeId): string {
  return keyOf('change', id, 'files');
}

function fileKey(id: ChangeId, name: string): string {
  return keyOf('change', id, 'file', name);
}
