/** Takes checks from the queue and runs them, several at a time, until it is told to drain. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Telemetry, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CheckId } from '#domain/check.ts';
import type { RedisConnection } from '#store/connect-redis.ts';
import { ATTEMPTS } from './check-queue.ts';
import { runOfJob, UnreadableJob } from './job-data.ts';
import { CHECKS, QUEUE_PREFIX, STOP_CHANNEL } from './names.ts';
import { restWhileBroken } from './rest-while-broken.ts';

/** Checks one check; rejects when it should be tried again. `signal` says that it must stop. */
export type RunOne = (id: CheckId, tryAgain: boolean, signal: AbortSignal) => Promise<void>;

export interface CheckWorkerOptions {
  /** One that waits while Redis is away. */
  readonly connection: RedisConnection;
  /** Checks at once in this process. */
  readonly concurrency: number;
  readonly runOne: RunOne;
  readonly telemetry?: Telemetry;
  readonly onError: (error: Error) => void;
}

export interface DrainingWorker {
  readonly isRunning: () => boolean;
  /** Takes nothing more and waits for what runs; past the deadline that is stopped, and goes back to the queue within `stopMs`. */
  readonly drain: (deadlineMs: number, stopMs?: number) => Promise<void>;
}

/** A worker that was killed is noticed within about this time, and another takes its checks over. */
const LOCK_MS = 8_000;
const LOOK_FOR_STALLED_MS = 3_000;
const TAKEN_OVER_AT_MOST = 2;

export function startCheckWorker(options: CheckWorkerOptions): DrainingWorker {
  const { connection, concurrency, runOne, telemetry, onError } = options;
  const worker = new Worker<unknown>(
    CHECKS,
    async (job, _token, signal) => {
      await runOne(runOfJob(job), job.attemptsMade + 1 < ATTEMPTS, signal ?? new AbortController().signal);
    },
    {
      connection,
      prefix: QUEUE_PREFIX,
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: LOOK_FOR_STALLED_MS,
      maxStalledCount: TAKEN_OVER_AT_MOST,
      ...(telemetry && { telemetry }),
    },
  );
  worker.on('error', onError);
  restWhileBroken(worker, connection);
  worker.on('failed', (_job, error) => void (error instanceof UnreadableJob && onError(error)));
  const stops = listenForStops(connection, (id) => worker.cancelJob(id, 'cancelled'), onError);
  return {
    isRunning: () => worker.isRunning() && !worker.closing,
    async drain(deadlineMs, stopMs = deadlineMs) {
      const closed = worker.close();
      const inTime = await Promise.race([closed.then(() => true), sleep(deadlineMs, false, { ref: false })]);
      if (!inTime) {
        worker.cancelAllJobs('draining');
        await Promise.race([closed, sleep(stopMs, undefined, { ref: false })]);
      }
      stops.disconnect();
    },
  };
}

/** A connection of its own: one that is subscribed can do nothing else. */
function listenForStops(connection: RedisConnection, onStop: (id: string) => void, onError: (error: Error) => void) {
  const subscriber = (connection as Redis).duplicate();
  subscriber.on('error', onError);
  subscriber.on('message', (_channel: string, id: string) => onStop(id));
  subscriber.subscribe(STOP_CHANNEL).catch(onError);
  return subscriber;
}
