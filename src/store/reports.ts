/** Reports in Redis, by id, by host and by age; bounded in number and in time. */
import type { Reports, StoredReport } from '#app/run-ports.ts';
import type { RunId } from '#domain/check-run.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { decodeReport, encodeReport } from './report-codec.ts';

/** A report is some 5 KB compressed; a host that is checked every minute must not fill Redis. */
const MOST_OF_HOST = 200;
const MOST_RECENT = 500;

const RECENT = keyOf('reports', 'recent');

export function createReports(redis: RedisConnection, keepMs: number): Reports {
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
    await redis.zadd(index, report.startedAt.getTime(), id);
    await redis.pexpire(index, keepMs);
  }

  async function trim(index: string, most: number): Promise<void> {
    await redis.zremrangebyrank(index, 0, -most - 1);
    await redis.zremrangebyscore(index, '-inf', String(Date.now() - keepMs));
  }

  async function find(id: string): Promise<StoredReport | undefined> {
    const bytes = await redis.getBuffer(reportKey(id));
    return bytes === null ? undefined : decodeReport(bytes);
  }

  async function newest(index: string, most: number): Promise<readonly StoredReport[]> {
    const ids = await redis.zrevrange(index, 0, String(most - 1));
    const found = await Promise.all(ids.map(find));
    return found.filter((stored) => stored !== undefined);
  }

  return {
    save,
    find: (id: RunId) => find(id),
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
