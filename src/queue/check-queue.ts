/** The queue of checks as those see it who add to it: answers at once, also when Redis is away. */
import { Queue, type Telemetry } from 'bullmq';
import type { CheckQueue } from '#app/check-ports.ts';
import type { RedisConnection } from '#store/connect-redis.ts';
import { type KeyTypes, nameWrongType, refuseWrongTypes } from '#store/key-types.ts';
import { guarded } from '#store/store-down.ts';
import { type RunJob, runJob } from './job-data.ts';
import { queueKeys } from './key-types.ts';
import { CARDS, CHECKS, QUEUE_PREFIX, STOP_CHANNEL } from './names.ts';

/** A check that meets a connection failure is tried this often in all. */
export const ATTEMPTS = 3;
const FIRST_RETRY_MS = 500;
const KEYS: KeyTypes = { ...queueKeys(CHECKS), ...queueKeys(CARDS) };
const KEEP_FAILED = { age: 3600, count: 100 };

export interface QueueOptions {
  readonly connection: RedisConnection;
  readonly telemetry?: Telemetry;
  readonly onError: (error: Error) => void;
}

export interface OpenCheckQueue extends CheckQueue {
  readonly close: () => Promise<void>;
}

export function openCheckQueue({ connection, telemetry, onError }: QueueOptions): OpenCheckQueue {
  const queue = new Queue<RunJob>(CHECKS, {
    connection,
    prefix: QUEUE_PREFIX,
    skipWaitingForReady: true,
    ...(telemetry && { telemetry }),
  });
  queue.on('error', onError);
  const operations: CheckQueue = {
    async add({ id }) {
      // What waits where no worker finds it, or has no card, is found by nobody: it is told at once.
      await refuseWrongTypes(connection, KEYS);
      await queue.add('check', runJob(id), {
        jobId: id,
        attempts: ATTEMPTS,
        backoff: { type: 'exponential', delay: FIRST_RETRY_MS },
        removeOnComplete: true,
        removeOnFail: KEEP_FAILED,
      });
    },
    async remove(id) {
      const job = await queue.getJob(id);
      if (job === undefined) return 'gone';
      const state = await job.getState();
      if (state === 'completed' || state === 'failed' || state === 'unknown') return 'gone';
      if (state === 'active') return 'running';
      // A worker may have taken it this moment: then it cannot be removed, and is running.
      return job.remove().then(
        () => 'removed' as const,
        () => 'running' as const,
      );
    },
    stop: async (id) => void (await connection.publish(STOP_CHANNEL, id)),
    async standing(id) {
      const state = await queue.getJobState(id);
      if (state === 'unknown') return 'absent';
      if (state === 'completed' || state === 'failed') return 'ended';
      return state === 'active' ? 'running' : 'waiting';
    },
    async counts() {
      const [{ wait = 0, delayed = 0, prioritized = 0, active = 0 }, workers] = await Promise.all([
        queue.getJobCounts('wait', 'delayed', 'prioritized', 'active'),
        queue.getWorkersCount(),
      ]);
      return { waiting: wait + delayed + prioritized, active, workers };
    },
  };
  const explain = (error: unknown) => nameWrongType(connection, KEYS, error);
  return { ...guarded(operations, explain), close: () => queue.close() };
}
