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
import { runScript, script } from './script.ts';

/** A report is some 5 KB compressed; a host that is checked every minute must not fill Redis. */
const MOST_OF_HOST = 200;
const MOST_RECENT = 500;

const RECENT = keyOf('reports', 'recent');

/**
 * Saves a report and lists it; what is beyond the bounds leaves the lists, and of its host's also Redis.
 * KEYS: the report, those of its host, all. ARGV: the report, how long it is kept, its time, its id, the time before
 * which none is listed, prefix of reports.
 */
const SAVE = script(
  ['any', 'zset', 'zset'],
  `
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for index = 2, 3 do
  redis.call('ZADD', KEYS[index], ARGV[3], ARGV[4])
  redis.call('PEXPIRE', KEYS[index], ARGV[2])
end
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, ${-MOST_OF_HOST - 1})) do redis.call('UNLINK', ARGV[6] .. id) end
for index, most in pairs({[2] = ${MOST_OF_HOST}, [3] = ${MOST_RECENT}}) do
  redis.call('ZREMRANGEBYRANK', KEYS[index], 0, -most - 1)
  redis.call('ZREMRANGEBYSCORE', KEYS[index], '-inf', ARGV[5])
end
`,
);

export function createReports(redis: RedisConnection, aside: Aside, keepMs: number): Reports {
  const records = createRecords(redis, aside);

  async function save(stored: StoredReport): Promise<void> {
    const { id, report } = stored;
    const keys = [reportKey(id), ofHostKey(report.host), RECENT];
    const words = [encodeReport(stored), keepMs, report.startedAt.getTime(), id, Date.now() - keepMs, reportKey('')];
    await runScript(redis, aside, SAVE, keys, words);
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
