/** Redis: whether it answers, keeps what it is given, and whether workers are connected to it. */
import { openCheckQueue } from '#queue/check-queue.ts';
import { connectRedis, untilConnected } from '#store/connect-redis.ts';
import { askRedisHealth, FINE, judgeRedis } from '#store/redis-health.ts';
import { parseRedisUrl } from '#store/redis-url.ts';
import type { Finding } from './finding.ts';

const WITHIN_MS = 2000;

export async function examineRedis(url: string | undefined, hasServer: boolean): Promise<readonly Finding[]> {
  const none: Finding = { subject: 'workers', kind: 'unchecked', details: {} };
  if (url === undefined) {
    const own = { why: '', own: 'yes', version: '' };
    return [{ subject: 'redis', kind: hasServer ? 'unchecked' : 'broken', details: own }, none];
  }
  const place = parseRedisUrl(url);
  if (place === undefined) return [broken('REDIS_URL has no known form'), none];
  const redis = connectRedis(place, 'surface', () => {});
  try {
    await untilConnected(redis, WITHIN_MS);
    const health = await askRedisHealth(redis);
    const fault = judgeRedis(health);
    const queue = openCheckQueue({ connection: redis, onError: () => {} });
    const { workers } = await queue.counts();
    await queue.close();
    const { version } = health;
    return [
      fault === FINE ? { subject: 'redis', kind: 'fine', details: { version } } : broken(fault),
      { subject: 'workers', kind: workers > 0 ? 'fine' : 'broken', details: { workers } },
    ];
  } catch (error) {
    return [broken(error instanceof Error ? error.message : String(error)), none];
  } finally {
    redis.disconnect();
  }
}

function broken(why: string): Finding {
  return { subject: 'redis', kind: 'broken', details: { why, own: '', version: '' } };
}
