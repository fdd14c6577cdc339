/** Reports in Redis, by id, by host and by age; bounded in number and in time. */
import type { Reports, StoredReport } from '#app/check-ports.ts';
import { parseCheckId } from '#domain/check.ts';
import type { Comparable } from '#domain/compare-reports.ts';
import type { Report } from '#domain/report.ts';
import type { Aside } from './aside.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import type { Parsed } from './record.ts';
import { createRecords, type Found, ifGood, NONE } from './records.ts';
import { encodeReport, parseComparable, parseReport } from './report-codec.ts';

/** A report is some 5 KB compressed; a host that is checked every minute must not fill Redis. */
const MOST_OF_HOST = 200;
const MOST_RECENT = 500;

const RECENT = keyOf('reports', 'recent');

export function createReports(redis: RedisConnection, aside: Aside, keepMs: number): Reports {
  const records = createRecords(redis, aside);

  async function save(stored: StoredReport): Promise<void> {
    const index = ofHostKey(stored.report.host);
    await redis.set(reportKey(stored.id), encodeReport(stored), 'PX', keepMs);
    await list(index, stored);
    await list(RECENT, stored);
    const beyond = await redis.zrange(index, 0, String(-MOST_OF_HOST - 1));
    if (beyond.length > 0) await redis.unlink(...beyond.map(reportKey));
    await trim(index, MOST_OF_HOST);
    await trim(RECENT, MOST_RECENT);
  }

  async function list(index: string, { id, report }: StoredReport): Promise<void> {
    await records.typed(index, () => redis.zadd(index, report.startedAt.getTime(), id));
    await redis.pexpire(index, keepMs);
  }

  async function trim(index: string, most: number): Promise<void> {
    await redis.zremrangebyrank(index, 0, -most - 1);
    await redis.zremrangebyscore(index, '-inf', String(Date.now() - keepMs));
  }

  function lookAs<T>(parse: (id: string, bytes: Buffer) => Parsed<T>) {
    return async (id: string): Promise<Found<T>> => {
      if (parseCheckId(id) === undefined) return NONE;
      return records.bytes(reportKey(id), (bytes) => parse(id, bytes));
    };
  }

  const look = lookAs(parseReport);

  async function newest(index: string, most: number): Promise<readonly StoredReport[]> {
    return records.listed(index, await records.range(index, 'newest', most), look);
  }

  async function before({ host, startedAt }: Report): Promise<Comparable | undefined> {
    const index = ofHostKey(host);
    const earlier = `(${startedAt.getTime()}`;
    const ids = await records.typed(index, () => redis.zrevrangebyscore(index, earlier, '-inf', 'LIMIT', 0, 1));
    return (await records.listed(index, ids, lookAs(parseComparable)))[0]?.report;
  }

  return {
    save,
    before,
    find: async (id) => ifGood(await look(id)),
    ofHost: (host, most) => newest(ofHostKey(host), most),
    recent: (most) => newest(RECENT, most),
  };
}

function reportKey(id: string): string {
  return keyOf('report', id);
}

function ofHostKey(host: string): string {
  return keyOf('reports', 'host', host);
}
