/** Freezes that somebody ordered, in Redis, each with its audit record. What cannot be read there goes on freezing. */
import type { Freezes } from '#app/change-ports.ts';
import type { OrderedFreeze } from '#domain/change.ts';
import type { Aside } from './aside.ts';
import type { AuditWriter } from './audit-trail.ts';
import { freeze as freezeShape } from './change-shape.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import type { Fields } from './read-hash.ts';
import { bad, type Parsed, parseJsonRecord, VERSION } from './record.ts';
import { createRecords } from './records.ts';

const FREEZES = keyOf('changes', 'freezes');
const LONGEST = 4096;
/** Who ordered a freeze that cannot be read, and what it is for when not even that is known. */
const UNKNOWN = 'unknown';
const ALL = '*';

export function createFreezes(redis: RedisConnection, audit: AuditWriter, aside: Aside): Freezes {
  const records = createRecords(redis, aside);

  /** By group. Where it cannot be read which groups were frozen, all are, until somebody who has looked thaws them. */
  async function texts(): Promise<Fields> {
    const found = await records.hash<Fields>(FREEZES, (fields) => ({ kind: 'good', value: fields }));
    if (found.kind === 'good') return found.value;
    if (found.kind === 'bad') await put({ group: ALL, by: UNKNOWN, since: new Date() });
    return found.kind === 'bad' ? texts() : new Map();
  }

  async function put(freeze: OrderedFreeze): Promise<void> {
    await redis.hset(FREEZES, freeze.group, encode(freeze));
  }

  async function read(group: string, text: string): Promise<OrderedFreeze> {
    const parsed = parse(group, text);
    if (parsed.kind === 'good') return parsed.value;
    const frozen = { group, by: UNKNOWN, since: new Date() };
    const key = `${FREEZES}:${group.slice(0, LONGEST)}`;
    if (parsed.kind === 'newer') await aside.name(FREEZES, parsed.version);
    else {
      await aside.keep(key, text, parsed.why);
      await put(frozen);
    }
    return frozen;
  }

  return {
    async list() {
      return Promise.all([...(await texts())].map(([group, text]) => read(group, text)));
    },
    async freeze(freeze, entry) {
      await texts();
      await audit.record(entry, FREEZES, 'hset', freeze.group, encode(freeze));
    },
    async thaw(group, entry) {
      await texts();
      return audit.record(entry, FREEZES, 'hdel', group);
    },
  };
}

function encode(freeze: OrderedFreeze): string {
  return JSON.stringify({ version: VERSION, ...freeze });
}

function parse(group: string, text: string): Parsed<OrderedFreeze> {
  if (text.length > LONGEST) return bad('it is too large');
  const parsed = parseJsonRecord(freezeShape, text);
  return parsed.kind === 'good' && parsed.value.group !== group ? bad('group: is another one') : parsed;
}
