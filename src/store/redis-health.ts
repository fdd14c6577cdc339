/** Whether a Redis can be trusted with what is kept in it: version, persistence, eviction. */
import { Cluster } from 'ioredis';
import type { StoreBroken } from '#app/check-ports.ts';
import type { RedisConnection } from './connect-redis.ts';
import { findWrongType, type KeyTypes } from './key-types.ts';

export interface RedisHealth {
  readonly version: string;
  /** GETDEL and sorted sets by rank are there since 6.2. */
  readonly recent: boolean;
  readonly appendOnly: boolean;
  /** noeviction, unless keys may vanish when memory is full. */
  readonly policy: string;
  /** A key that is of another type than it has to be. */
  readonly wrong: StoreBroken | undefined;
}

/** `keys`: those that everything needs. Rejects when Redis does not answer. */
export async function askRedisHealth(redis: RedisConnection, keys: KeyTypes): Promise<RedisHealth> {
  const one = redis instanceof Cluster ? (redis.nodes('master')[0] ?? redis) : redis;
  const [info, wrong] = await Promise.all([one.info(), findWrongType(redis, keys)]);
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const version = field('redis_version');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return {
    version,
    recent: major > 6 || (major === 6 && minor >= 2),
    appendOnly: field('aof_enabled') === '1',
    policy: field('maxmemory_policy'),
    wrong,
  };
}

export const FINE = 'ok';

/** Checks that are begun must survive a restart, and nothing may vanish because memory is short. */
export function judgeRedis({ version, recent, appendOnly, policy, wrong }: RedisHealth): string {
  const faults = [
    ...(recent ? [] : [`version ${version} is older than 6.2`]),
    ...(appendOnly ? [] : ['it loses what it holds when it restarts: set appendonly yes']),
    ...(policy === 'noeviction' ? [] : [`it may throw keys away (${policy}): set maxmemory-policy noeviction`]),
    ...(wrong === undefined
      ? []
      : [`${wrong.key} is a ${wrong.type} and has to be a ${wrong.wanted}: docs/operating.md says what to do (Redis)`]),
  ];
  return faults.length === 0 ? FINE : faults.join('; ');
}
