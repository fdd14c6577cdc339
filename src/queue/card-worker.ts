/** Shows runs that have changed, and looks every few seconds for those that nobody will ever announce. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Telemetry, Worker } from 'bullmq';
import type { ChangeId } from '#domain/change.ts';
import type { CheckId } from '#domain/check.ts';
import type { RedisConnection } from '#store/connect-redis.ts';
import { openCardsQueue, SHOW_CHANGE, SHOW_RUN } from './announcer.ts';
import type { DrainingWorker } from './check-worker.ts';
import { changeOfJob, runOfJob, UnreadableJob } from './job-data.ts';
import { CARDS, QUEUE_PREFIX } from './names.ts';
import { restWhileBroken } from './rest-while-broken.ts';

export interface CardWorkerOptions {
  /** One that waits while Redis is away. */
  readonly connection: RedisConnection;
  /** Brings every card of the run up to date; rejects when that should be tried again. */
  readonly present: (run: CheckId) => Promise<void>;
  readonly presentChange: (change: ChangeId) => Promise<void>;
  readonly reconcile: () => Promise<void>;
  readonly telemetry?: Telemetry;
  readonly onError: (error: Error) => void;
}

const RECONCILE = 'reconcile';
const RECONCILE_EVERY_MS = 5_000;
/** Cards wait for Slack, not for the processor. */
const CONCURRENCY = 20;
const LOCK_MS = 60_000;

export function startCardWorker(options: CardWorkerOptions): DrainingWorker {
  const { connection, present, presentChange, reconcile, telemetry, onError } = options;
  const queue = openCardsQueue(connection, onError);
  const scheduled = queue.upsertJobScheduler(
    RECONCILE,
    { every: RECONCILE_EVERY_MS },
    { name: RECONCILE, opts: { removeOnComplete: true, removeOnFail: true } },
  );
  scheduled.catch(onError);
  const worker = new Worker<unknown>(
    CARDS,
    async (job) => {
      if (job.name === RECONCILE) return reconcile();
      if (job.name === SHOW_RUN) return present(runOfJob(job));
      if (job.name === SHOW_CHANGE) return presentChange(changeOfJob(job));
      throw new UnreadableJob(`The job ${job.id} says nothing that is to be done.`);
    },
    {
      connection,
      prefix: QUEUE_PREFIX,
      concurrency: CONCURRENCY,
      lockDuration: LOCK_MS,
      ...(telemetry && { telemetry }),
    },
  );
  worker.on('error', onError);
  restWhileBroken(worker, connection);
  worker.on('failed', (_job, error) => void (error instanceof UnreadableJob && onError(error)));
  return {
    isRunning: () => worker.isRunning() && !worker.closing,
    async drain(deadlineMs) {
      await Promise.race([worker.close(), sleep(deadlineMs, undefined, { ref: false })]);
      await Promise.race([queue.close(), sleep(deadlineMs, undefined, { ref: false })]);
    },
  };
}
