/** Does what the queue says about changes, each task once: of one that went wrong, or that a killed worker left, the host is asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Telemetry, Worker } from 'bullmq';
import { CHANGE_TASKS, type ChangeTask } from '#app/change-ports.ts';
import { type ChangeId, parseChangeId } from '#domain/change.ts';
import type { RedisConnection } from '#store/connect-redis.ts';
import type { ChangeJob } from './change-queue.ts';
import type { DrainingWorker } from './check-worker.ts';
import { CHANGES, QUEUE_PREFIX } from './names.ts';

export interface ChangeWorkerOptions {
  /** One that waits while Redis is away. */
  readonly connection: RedisConnection;
  readonly work: (task: ChangeTask, id: ChangeId) => Promise<void>;
  /** A task of this change was not done to its end. */
  readonly lost: (id: ChangeId) => Promise<void>;
  readonly telemetry?: Telemetry;
  readonly onError: (error: Error) => void;
}

const CONCURRENCY = 20;
/** A worker that was killed is noticed within about this time. */
const LOCK_MS = 15_000;
const LOOK_FOR_STALLED_MS = 5_000;

export function startChangeWorker({ connection, work, lost, telemetry, onError }: ChangeWorkerOptions): DrainingWorker {
  const worker = new Worker<ChangeJob>(
    CHANGES,
    async ({ name, data }) => {
      const task = CHANGE_TASKS.find((known) => known === name);
      const id = parseChangeId(data.change);
      if (task === undefined || id === undefined)
        throw new Error('The job names no change, or nothing to do about it.');
      await work(task, id);
    },
    {
      connection,
      prefix: QUEUE_PREFIX,
      concurrency: CONCURRENCY,
      lockDuration: LOCK_MS,
      stalledInterval: LOOK_FOR_STALLED_MS,
      maxStalledCount: 0,
      ...(telemetry && { telemetry }),
    },
  );
  worker.on('error', onError);
  worker.on('failed', (job) => {
    const id = parseChangeId(job?.data.change ?? '');
    if (id !== undefined) lost(id).catch(onError);
  });
  return {
    isRunning: () => worker.isRunning() && !worker.closing,
    drain: async (deadlineMs) =>
      void (await Promise.race([worker.close(), sleep(deadlineMs, undefined, { ref: false })])),
  };
}
