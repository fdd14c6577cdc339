/** A queue of tasks as those see it who add to it: answers at once, also when Redis is away. */
import { type JobsOptions, Queue, type Telemetry } from 'bullmq';
import type { CheckQueue } from '#app/check-ports.ts';
import type { RedisConnection } from '#store/connect-redis.ts';
import { type KeyTypes, nameWrongType, refuseWrongTypes } from '#store/key-types.ts';
import { guarded } from '#store/store-down.ts';
import { queueKeys } from './key-types.ts';
import { QUEUE_PREFIX } from './names.ts';
import { type TaskData, type Topic, taskData } from './task.ts';

export interface QueueOptions {
  readonly connection: RedisConnection;
  readonly telemetry?: Telemetry;
  readonly onError: (error: Error) => void;
}

/** What is true of each task of one queue. */
export interface TaskSettings {
  readonly name: string;
  /** How often it is tried, and how long it is remembered. */
  readonly job: JobsOptions;
  /** Nothing is added while one of these has another type: what waits where nobody finds it is told at once. */
  readonly needs: KeyTypes;
}

export interface TaskQueue extends Pick<CheckQueue, 'remove' | 'standing' | 'counts'> {
  readonly add: (verb: string, about: Topic, options: JobsOptions) => Promise<void>;
  readonly close: () => Promise<void>;
}

export function openTaskQueue({ name, job, needs }: TaskSettings, options: QueueOptions): TaskQueue {
  const { connection } = options;
  const queue = openQueue(name, options);
  const keys = { ...queueKeys(name), ...needs };

  const operations: TaskQueue = {
    async add(verb, about, more) {
      if (Object.keys(needs).length > 0) await refuseWrongTypes(connection, needs);
      await queue.add(verb, taskData(about), { ...job, ...more });
    },
    async remove(id) {
      const standing = standingOf(await queue.getJobState(id));
      if (standing === 'absent' || standing === 'ended') return 'gone';
      if (standing === 'running') return 'running';
      // A worker may have taken it this moment: then it cannot be removed, and is running.
      return (
        (await queue.getJob(id))?.remove().then(
          () => 'removed' as const,
          () => 'running' as const,
        ) ?? 'gone'
      );
    },
    standing: async (id) => standingOf(await queue.getJobState(id)),
    async counts() {
      const [{ wait = 0, delayed = 0, prioritized = 0, active = 0 }, workers] = await Promise.all([
        queue.getJobCounts('wait', 'delayed', 'prioritized', 'active'),
        queue.getWorkersCount(),
      ]);
      return { waiting: wait + delayed + prioritized, active, workers };
    },
    close: () => queue.close(),
  };
  return guarded(operations, (error) => nameWrongType(connection, keys, error));
}

export function openQueue(name: string, { connection, telemetry, onError }: QueueOptions): Queue<TaskData> {
  const queue = new Queue<TaskData>(name, {
    connection,
    prefix: QUEUE_PREFIX,
    skipWaitingForReady: true,
    ...(telemetry && { telemetry }),
  });
  queue.on('error', onError);
  return queue;
}

function standingOf(state: Awaited<ReturnType<Queue['getJobState']>>): Awaited<ReturnType<CheckQueue['standing']>> {
  if (state === 'unknown') return 'absent';
  if (state === 'completed' || state === 'failed') return 'ended';
  return state === 'active' ? 'running' : 'waiting';
}
