/** The three queues of tasks: checks to run, changes to work on, cards to show. */
import type { JobsOptions } from 'bullmq';
import { type Announce, SOON_MS, type TellFreeze } from '#app/card-ports.ts';
import type { ChangeQueue } from '#app/change-ports.ts';
import type { CheckQueue } from '#app/check-ports.ts';
import { guarded } from '#store/store-down.ts';
import { queueKeys } from './key-types.ts';
import { CARDS, CHANGES, CHECKS, STOP_CHANNEL } from './names.ts';
import { openTaskQueue, type QueueOptions } from './task-queue.ts';

/** A check that meets a connection failure is tried this often in all. */
export const ATTEMPTS = 3;
const FORGOTTEN = { removeOnComplete: true, removeOnFail: { age: 3600, count: 100 } };

const FOR_CHECKS = {
  name: CHECKS,
  job: { ...FORGOTTEN, attempts: ATTEMPTS, backoff: { type: 'exponential', delay: 500 } },
  needs: { ...queueKeys(CHECKS), ...queueKeys(CARDS) },
} as const;

/** Run once: who finds one half-done asks the host instead. Remembered, so that the same task is not queued again. */
const FOR_CHANGES = {
  name: CHANGES,
  job: { attempts: 1, removeOnComplete: { age: 7200, count: 5000 }, removeOnFail: { age: 7200, count: 1000 } },
  needs: queueKeys(CHANGES),
} as const;

const FOR_CARDS = {
  name: CARDS,
  job: { ...FORGOTTEN, attempts: 5, backoff: { type: 'exponential', delay: 1000 } },
  needs: {},
} as const;

interface Closing {
  readonly close: () => Promise<void>;
}

export type OpenChangeQueue = ChangeQueue & Closing;

export function openCheckQueue(options: QueueOptions): CheckQueue & Closing {
  const { add, ...tasks } = openTaskQueue(FOR_CHECKS, options);
  return guarded({
    ...tasks,
    add: ({ id }) => add('check', { kind: 'check', id }, { jobId: id }),
    stop: async (id) => void (await options.connection.publish(STOP_CHANNEL, id)),
  });
}

export function openChangeQueue(options: QueueOptions): OpenChangeQueue {
  const { add, close } = openTaskQueue(FOR_CHANGES, options);
  return {
    add: (id, task, key, delayMs = 0) =>
      add(task, { kind: 'change', id }, { jobId: `${id}-${task}-${key}`, delay: delayMs }),
    close,
  };
}

/** Tasks for a process that speaks Slack: something looks different now, put together with those that wait already; a freeze. */
export function openAnnouncer(
  options: QueueOptions,
): Closing & { readonly announce: Announce; readonly tellFreeze: TellFreeze } {
  const { add, close } = openTaskQueue(FOR_CARDS, options);
  return {
    announce: (about, urgency) => add('show', about, TOGETHER[urgency](`${about.kind} ${about.id} ${urgency}`)),
    tellFreeze: (notice) => add('tell-freeze', notice, {}),
    close,
  };
}

const TOGETHER: Readonly<Record<Parameters<Announce>[1], (id: string) => JobsOptions>> = {
  // While one is being shown and another waits, a third would show nothing new.
  now: (id) => ({ deduplication: { id, keepLastIfActive: true } }),
  soon: (id) => ({ delay: SOON_MS, deduplication: { id } }),
};
