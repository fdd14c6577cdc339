/** Does what the queue says about changes, each task once: of one that went wrong, or that a killed worker left, the host is asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Telemetry, Worker } from 'bullmq';
import { CHANGE_TASKS, type ChangeTask } from '#app/change-ports.ts';
import type { ChangeId } from '#domain/change.ts';
import type { RedisConnection } from '#store/connect-redis.ts';
import type { DrainingWorker } from './check-worker.ts';
import { changeOfJob, UnreadableJob } from './job-data.ts';
import { CHANGES, QUEUE_PREFIX } from './names.ts';
import { restWhileBroken } from './rest-while-broken.ts';

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
  const worker = new Worker<unknown>(
    CHANGES,
    async (job) => {
      const task = CHANGE_TASKS.find((known) => known === job.name);
      if (task === undefined) throw new UnreadableJob(`The job ${job.id} says nothing that is to be done.`);
      await work(task, changeOfJob(job));
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
  restWhileBroken(worker, connection);
  worker.on('failed', (job, error) => {
    if (error instanceof UnreadableJob) onError(error);
    else if (job !== undefined) lost(changeOfJob(job)).catch(onError);
  });
  return {
    isRunning: () => worker.isRunning() && !worker.closing,
    drain: async (deadlineMs) =>
      void (await Promise.race([worker.close(), sleep(deadlineMs, undefined, { ref: false })])),
  };
}
