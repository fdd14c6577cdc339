/** The audit trail in Redis: a stream that is never trimmed, its ids the records' numbers, and beside it the newest one's number and digest. */
import type { AuditTrail } from '#app/change-ports.ts';
import { type AuditEntry, type AuditHead, type AuditRecord, chain, NOTHING_YET } from '#change/audit.ts';
import type { Sign } from '#change/witness.ts';
import { parseAuditRecord } from './audit-shape.ts';
import { RECORD } from './change-scripts.ts';
import type { RedisConnection } from './connect-redis.ts';
import { type KeyTypes, namingWrongType } from './key-types.ts';
import { keyOf } from './keys.ts';

export const HEAD = keyOf('audit', 'head');
export const TRAIL = keyOf('audit', 'trail');
/** Neither is a record that could be set aside: without them, nothing is written. */
export const TRAIL_KEYS: KeyTypes = { [HEAD]: 'hash', [TRAIL]: 'stream' };

const PORTION = 1000;
/** Each try means that somebody else wrote a record in between. */
const MOST_TRIES = 200;

export interface AuditWriter extends AuditTrail {
  /** Chains the entry to the newest record; `write` answers 'moved' when that was no longer the newest. */
  readonly append: <T extends string>(
    entry: AuditEntry,
    write: (record: AuditRecord, head: AuditHead) => Promise<T>,
  ) => Promise<Exclude<T, 'moved'>>;
  /** The same, with what the entry does to one key; false where there is nothing to be done. */
  readonly record: (entry: AuditEntry, key: string, ...step: RecordStep) => Promise<boolean>;
}

type RecordStep = ['del'] | ['hdel', field: string] | ['hset', field: string, value: string];

/** Signs with the key of this process, and knows the signatures of all that may. */
export interface Witness {
  readonly sign: Sign;
  readonly isSigned: (text: string, signature: string) => boolean;
}

export function createAuditTrail(redis: RedisConnection, sign?: Sign): AuditWriter {
  // One at a time in this process: then only other processes can come in between.
  let last: Promise<unknown> = Promise.resolve();

  const naming = <T>(work: () => Promise<T>) => namingWrongType(redis, TRAIL_KEYS, work);

  async function head(): Promise<AuditHead> {
    const [seq, digest] = await naming(() => redis.hmget(HEAD, 'seq', 'digest'));
    return seq && digest ? { seq: Number(seq), digest } : NOTHING_YET;
  }

  /** `from`: of a stream's ids, as XRANGE takes them. What a record says of itself is not gone by: it may have been touched. */
  async function read(from: string) {
    const portion = await naming(() => redis.xrange(TRAIL, from, '+', 'COUNT', PORTION));
    const records = portion.map(([id, fields]) => parseAuditRecord(fields[1] ?? '') ?? unreadable(id));
    return { records, final: portion.at(-1)?.[0] };
  }

  async function tryToAppend<T extends string>(
    entry: AuditEntry,
    write: (record: AuditRecord, before: AuditHead) => Promise<T>,
  ): Promise<Exclude<T, 'moved'>> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const before = await head();
      const written = await naming(() => write(chain(entry, before, sign), before));
      if (written !== 'moved') return written as Exclude<T, 'moved'>;
    }
    throw new Error('The audit trail moved on at each of many tries to write a record.');
  }

  const append: AuditWriter['append'] = (entry, write) => {
    const mine = last.then(() => tryToAppend(entry, write));
    last = mine.catch(() => undefined);
    return mine;
  };

  return {
    head,
    append,
    async record(entry, key, step, field = '', value = '') {
      const done = await append(entry, async (record, before) => {
        const words = [before.seq, JSON.stringify(record), record.seq, record.digest, step, field, value];
        return (await redis.eval(RECORD, 3, HEAD, TRAIL, key, ...words)) as 'done' | 'nothing' | 'moved';
      });
      return done === 'done';
    },
    async *records(after = 0) {
      let reading = read(`(${after}-0`);
      for (;;) {
        const { records, final } = await reading;
        if (final === undefined) return;
        const readOn = () => read(`(${final}`);
        // Where there surely is more, Redis looks for it while the caller works; one that stops here does not wait for it.
        const ahead = records.length === PORTION ? readOn() : undefined;
        ahead?.catch(() => undefined);
        yield records;
        reading = ahead ?? readOn();
      }
    },
  };
}

/** Whoever touched the stream may have left anything there. It breaks the chain where it stands, and does not keep anybody from saying so. */
function unreadable(id: string): AuditRecord {
  const nothing = { change: null, host: null, from: null, to: null, actor: null, hash: null, details: {} };
  const at = new Date(0).toISOString();
  return { ...nothing, at, event: 'unreadable', seq: Number.parseInt(id, 10), prev: '', digest: '' };
}
