/** Redis: whether it answers, keeps what it is given, holds what can be read, and whether workers are connected to it. */
import { VITAL_KEYS } from '#queue/key-types.ts';
import { openCheckQueue } from '#queue/queues.ts';
import { connectRedis, type RedisConnection, untilConnected } from '#store/connect-redis.ts';
import { askRedisHealth, FINE, judgeRedis } from '#store/redis-health.ts';
import { parseRedisUrl } from '#store/redis-url.ts';
import { examineRecords } from './examine-records.ts';
import type { Finding } from './finding.ts';

const WITHIN_MS = 2000;

const UNCHECKED: readonly Finding[] = [
  { subject: 'workers', kind: 'unchecked', details: {} },
  { subject: 'records', kind: 'unchecked', details: {} },
];

/** `own`: the socket of a Redis that a bot of this machine has started, if one ever did. */
export async function examineRedis(
  url: string | undefined,
  own: string | undefined,
  hasServer: boolean,
): Promise<readonly Finding[]> {
  if (url !== undefined) return examineServer(url);
  const running = own === undefined ? [] : await examineServer(`unix://${own}`);
  if (running.some(({ subject, kind }) => subject === 'workers' && kind !== 'unchecked')) return running;
  const details = { why: '', own: 'yes', version: '' };
  return [{ subject: 'redis', kind: hasServer ? 'unchecked' : 'broken', details }, ...UNCHECKED];
}

async function examineServer(url: string): Promise<readonly Finding[]> {
  const place = parseRedisUrl(url);
  if (place === undefined) return [broken('REDIS_URL has no known form'), ...UNCHECKED];
  const redis = connectRedis(place, 'surface', () => {});
  try {
    await untilConnected(redis, WITHIN_MS);
    return await examineConnected(redis);
  } catch (error) {
    return [broken(error instanceof Error ? error.message : String(error)), ...UNCHECKED];
  } finally {
    redis.disconnect();
  }
}

async function examineConnected(redis: RedisConnection): Promise<readonly Finding[]> {
  const health = await askRedisHealth(redis, VITAL_KEYS);
  const fault = judgeRedis(health);
  // Nothing more can be asked through it.
  if (health.wrong !== undefined) return [broken(fault), ...UNCHECKED];
  const queue = openCheckQueue({ connection: redis, onError: () => {} });
  const { workers } = await queue.counts();
  await queue.close();
  const { version } = health;
  return [
    fault === FINE ? { subject: 'redis', kind: 'fine', details: { version } } : broken(fault),
    { subject: 'workers', kind: workers > 0 ? 'fine' : 'broken', details: { workers } },
    ...(await examineRecords(redis)),
  ];
}

function broken(why: string): Finding {
  return { subject: 'redis', kind: 'broken', details: { why, own: '', version: '' } };
}
