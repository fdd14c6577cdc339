/** Who does the tasks of the three queues. */
import type { TellFreeze } from '#app/card-ports.ts';
import { CHANGE_TASKS, type ChangeTask } from '#app/change-ports.ts';
import type { Subject } from '#domain/card.ts';
import type { ChangeId } from '#domain/change.ts';
import type { CheckId } from '#domain/check.ts';
import { CARDS, CHANGES, CHECKS } from './names.ts';
import { ATTEMPTS } from './queues.ts';
import { idOf, type Job, noticeOf, subjectOf } from './task.ts';
import { type DrainingWorker, startTaskWorker, type WorkerNeeds } from './task-worker.ts';

export interface CheckWorkerOptions extends WorkerNeeds {
  /** Checks at once in this process. */
  readonly concurrency: number;
  /** Runs one check; rejects when it should be tried again. `signal` says that it must stop. */
  readonly runOne: (id: CheckId, tryAgain: boolean, signal: AbortSignal) => Promise<void>;
}

export function startCheckWorker({ concurrency, runOne, ...needs }: CheckWorkerOptions): DrainingWorker {
  return startTaskWorker(
    {
      queue: CHECKS,
      verbs: { check: (job, signal) => runOne(idOf('check', job), job.attemptsMade + 1 < ATTEMPTS, signal) },
      // A worker that was killed is noticed within about this time, and another takes its checks over, twice at most.
      settings: { concurrency, lockDuration: 8_000, stalledInterval: 3_000, maxStalledCount: 2 },
      stoppable: true,
    },
    needs,
  );
}

export interface ChangeWorkerOptions extends WorkerNeeds {
  readonly work: (task: ChangeTask, id: ChangeId) => Promise<void>;
  /** A task of this change was not done to its end. */
  readonly lost: (id: ChangeId) => Promise<void>;
}

/** Each task once: of one that went wrong, or that a killed worker left, the host is asked. */
export function startChangeWorker({ work, lost, ...needs }: ChangeWorkerOptions): DrainingWorker {
  return startTaskWorker(
    {
      queue: CHANGES,
      verbs: Object.fromEntries(
        CHANGE_TASKS.map((task) => [task, async (job: Job) => work(task, idOf('change', job))]),
      ),
      settings: { concurrency: 20, lockDuration: 15_000, stalledInterval: 5_000, maxStalledCount: 0 },
      lost: async (job) => lost(idOf('change', job)),
    },
    needs,
  );
}

export interface CardWorkerOptions extends WorkerNeeds {
  /** Brings every card of the subject up to date; rejects when that should be tried again. */
  readonly present: (about: Subject) => Promise<void>;
  readonly tellFreeze: TellFreeze;
  readonly reconcile: () => Promise<void>;
}

/** Shows what has changed, and looks every few seconds for what nobody will ever announce. */
export function startCardWorker({ present, tellFreeze, reconcile, ...needs }: CardWorkerOptions): DrainingWorker {
  const show = async (job: Job) => present(subjectOf(job));
  return startTaskWorker(
    {
      queue: CARDS,
      // Up to version 2, the verb for changes was another one.
      verbs: { reconcile, show, 'show-change': show, 'tell-freeze': async (job) => tellFreeze(noticeOf(job)) },
      // Cards wait for Slack, not for the processor. Until a killed worker is noticed, nothing newer of its card is shown.
      settings: { concurrency: 20, lockDuration: 8_000, stalledInterval: 3_000, maxStalledCount: 2 },
      every: { verb: 'reconcile', ms: 5_000 },
    },
    needs,
  );
}
