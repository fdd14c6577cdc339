/** Whether this process can do its work now, and if not, why. */
import { VITAL_KEYS } from '#queue/key-types.ts';
import type { RedisConnection } from '#store/connect-redis.ts';
import { askRedisHealth, FINE, judgeRedis } from '#store/redis-health.ts';
import type { Readiness } from '#web/web-server.ts';
import { reasonOf } from './serve-error.ts';

export interface ReadinessNeeds {
  readonly redis: RedisConnection;
  /** Undefined for roles that this process has not. */
  readonly slack: (() => boolean) | undefined;
  readonly worker: (() => boolean) | undefined;
  /** How many workers there are, wherever they run; asked by a surface that has none itself. */
  readonly countWorkers: () => Promise<number>;
}

const NO_WORKER = 'none is connected: start one with tcp-oncall serve --roles worker';

export async function askReadiness({ redis, slack, worker, countWorkers }: ReadinessNeeds): Promise<Readiness> {
  const checks = {
    redis: await askRedisHealth(redis, VITAL_KEYS).then(
      judgeRedis,
      (error: unknown) => `does not answer: ${reasonOf(error)}`,
    ),
    ...(slack && { slack: slack() ? FINE : 'not connected' }),
    ...(worker && { worker: worker() ? FINE : 'not running' }),
    ...(slack && !worker && { workers: await judgeWorkers(countWorkers) }),
  };
  return { ready: Object.values(checks).every((check) => check === FINE), checks };
}

/** Without one, what people ask for waits, and nothing can be reverted. */
async function judgeWorkers(count: () => Promise<number>): Promise<string> {
  return count().then(
    (workers) => (workers > 0 ? FINE : NO_WORKER),
    (error: unknown) => `cannot be counted: ${reasonOf(error)}`,
  );
}
