/** Takes tasks from a queue, several at a time, until it is told to drain. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, type Telemetry, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { RedisConnection } from '#store/connect-redis.ts';
import { QUEUE_PREFIX, STOP_CHANNEL } from './names.ts';
import { restWhileBroken } from './rest-while-broken.ts';
import { UnreadableTask } from './task.ts';
import { openQueue } from './task-queue.ts';

export interface WorkerNeeds {
  /** One that waits while Redis is away. */
  readonly connection: RedisConnection;
  readonly telemetry?: Telemetry;
  readonly onError: (error: Error) => void;
}

/** How the tasks of one queue are done. */
export interface Working {
  readonly queue: string;
  /** By verb; rejects when it should be tried again. `signal` says that it must stop. */
  readonly verbs: Readonly<Record<string, (job: Job<unknown>, signal: AbortSignal) => Promise<void>>>;
  readonly settings: Pick<WorkerOptions, 'concurrency' | 'lockDuration' | 'stalledInterval' | 'maxStalledCount'>;
  /** A task was not done to its end, also because its worker was killed. */
  readonly lost?: (job: Job<unknown>) => Promise<void>;
  /** What runs can be told to stop, by its job's id or all at once. */
  readonly stoppable?: true;
  /** Done again and again, on one process at a time; its verb is among the others. */
  readonly every?: { readonly verb: string; readonly ms: number };
}

export interface DrainingWorker {
  readonly isRunning: () => boolean;
  /** Takes nothing more and waits for what runs; past the deadline that is stopped, where it can be, and goes back to the queue within `stopMs`. */
  readonly drain: (deadlineMs: number, stopMs?: number) => Promise<void>;
}

export function startTaskWorker(working: Working, { connection, telemetry, onError }: WorkerNeeds): DrainingWorker {
  const { queue, verbs, settings, lost, stoppable } = working;
  const schedule = startSchedule(working, { connection, onError });
  const worker = new Worker<unknown>(
    queue,
    async (job, _token, signal) => {
      const work = Object.hasOwn(verbs, job.name) ? verbs[job.name] : undefined;
      if (work === undefined) throw new UnreadableTask(`The job ${job.id} says nothing that is to be done.`);
      await work(job, signal ?? new AbortController().signal);
    },
    { connection, prefix: QUEUE_PREFIX, ...settings, ...(telemetry && { telemetry }) },
  );
  worker.on('error', onError);
  restWhileBroken(worker, connection);
  worker.on('failed', (job, error) => {
    if (error instanceof UnreadableTask) onError(error);
    else if (job !== undefined) lost?.(job).catch(onError);
  });
  const stops = stoppable && listenForStops(connection, (id) => worker.cancelJob(id, 'cancelled'), onError);
  return {
    isRunning: () => worker.isRunning() && !worker.closing,
    async drain(deadlineMs, stopMs = deadlineMs) {
      const closed = worker.close();
      const inTime = await within(deadlineMs, closed);
      if (!inTime && stops) {
        worker.cancelAllJobs('draining');
        await within(stopMs, closed);
      }
      stops?.disconnect();
      if (schedule !== undefined) await within(deadlineMs, schedule.close());
    },
  };
}

function startSchedule({ queue: name, every }: Working, options: WorkerNeeds) {
  if (every === undefined) return undefined;
  const queue = openQueue(name, options);
  const job = { name: every.verb, opts: { removeOnComplete: true, removeOnFail: true } };
  queue.upsertJobScheduler(every.verb, { every: every.ms }, job).catch(options.onError);
  return queue;
}

function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  return Promise.race([work.then(() => true), sleep(ms, false, { ref: false })]);
}

/** A separate connection: one that is subscribed can do nothing else. */
function listenForStops(connection: RedisConnection, onStop: (id: string) => void, onError: (error: Error) => void) {
  const subscriber = (connection as Redis).duplicate();
  subscriber.on('error', onError);
  subscriber.on('message', (_channel: string, id: string) => onStop(id));
  subscriber.subscribe(STOP_CHANNEL).catch(onError);
  return subscriber;
}
