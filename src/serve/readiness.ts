/** Whether this process can do its work now, and if not, why. */
import type { RedisConnection } from '#store/connect-redis.ts';
import { askRedisHealth, FINE, judgeRedis } from '#store/redis-health.ts';
import type { Readiness } from '#web/web-server.ts';
import { reasonOf } from './serve-error.ts';

export interface ReadinessNeeds {
  readonly redis: RedisConnection;
  /** Undefined for roles that this process has not. */
  readonly slack: (() => boolean) | undefined;
  readonly worker: (() => boolean) | undefined;
}

export async function askReadiness({ redis, slack, worker }: ReadinessNeeds): Promise<Readiness> {
  const checks = {
    redis: await askRedisHealth(redis).then(judgeRedis, (error: unknown) => `does not answer: ${reasonOf(error)}`),
    ...(slack && { slack: slack() ? FINE : 'not connected' }),
    ...(worker && { worker: worker() ? FINE : 'not running' }),
  };
  return { ready: Object.values(checks).every((check) => check === FINE), checks };
}
