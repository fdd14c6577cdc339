/** The queue of what workers do about changes. Written once and run once: who finds a task half-done asks the host instead. */
import { Queue } from 'bullmq';
import type { ChangeQueue } from '#app/change-ports.ts';
import { refuseWrongTypes } from '#store/key-types.ts';
import { guarded } from '#store/store-down.ts';
import type { QueueOptions } from './check-queue.ts';
import { type ChangeJob, changeJob } from './job-data.ts';
import { queueKeys } from './key-types.ts';
import { CHANGES, QUEUE_PREFIX } from './names.ts';

const KEYS = queueKeys(CHANGES);
/** Remembered, so that the same task is not queued again. */
const REMOVE = { removeOnComplete: { age: 7200, count: 5000 }, removeOnFail: { age: 7200, count: 1000 } };

export interface OpenChangeQueue extends ChangeQueue {
  readonly close: () => Promise<void>;
}

export function openChangeQueue({ connection, telemetry, onError }: QueueOptions): OpenChangeQueue {
  const queue = new Queue<ChangeJob>(CHANGES, {
    connection,
    prefix: QUEUE_PREFIX,
    skipWaitingForReady: true,
    ...(telemetry && { telemetry }),
  });
  queue.on('error', onError);
  const operations: ChangeQueue = {
    async add(id, task, key, delayMs = 0) {
      await refuseWrongTypes(connection, KEYS);
      await queue.add(task, changeJob(id), { ...REMOVE, jobId: `${id}-${task}-${key}`, attempts: 1, delay: delayMs });
    },
  };
  return { ...guarded(operations), close: () => queue.close() };
}
