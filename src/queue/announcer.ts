/** Says that a run looks different now: a job for whoever shows cards, put together with those that wait already. */
import { Queue, type Telemetry } from 'bullmq';
import type { AnnounceChange } from '#app/change-ports.ts';
import type { Announce } from '#app/check-ports.ts';
import { nameWrongType } from '#store/key-types.ts';
import { guarded } from '#store/store-down.ts';
import type { QueueOptions } from './check-queue.ts';
import { type ChangeJob, changeJob, type RunJob, runJob } from './job-data.ts';
import { queueKeys } from './key-types.ts';
import { CARDS, QUEUE_PREFIX } from './names.ts';

/** Slack takes about fifty edits a minute from a workspace's bot: what is only progress waits for what comes next. */
const SOON_MS = 2_500;
const REMOVE = { removeOnComplete: true, removeOnFail: { age: 3600, count: 100 } };
const TRIES = { attempts: 5, backoff: { type: 'exponential', delay: 1000 } };

const KEYS = queueKeys(CARDS);

export const SHOW_RUN = 'show';
export const SHOW_CHANGE = 'show-change';

export interface Announcer {
  readonly announce: Announce;
  readonly announceChange: AnnounceChange;
  readonly close: () => Promise<void>;
}

export function openAnnouncer({ connection, telemetry, onError }: QueueOptions): Announcer {
  const queue = openCardsQueue(connection, onError, telemetry);
  const operations: Pick<Announcer, 'announce' | 'announceChange'> = {
    async announce(run, urgency) {
      // While one is being shown and another waits, a third would show nothing new.
      const now = { deduplication: { id: `${run} now`, keepLastIfActive: true } };
      const soon = { delay: SOON_MS, deduplication: { id: `${run} soon` } };
      await queue.add(SHOW_RUN, runJob(run), { ...REMOVE, ...TRIES, ...(urgency === 'now' ? now : soon) });
    },
    async announceChange(change) {
      const once = { deduplication: { id: `${change} change`, keepLastIfActive: true } };
      await queue.add(SHOW_CHANGE, changeJob(change), { ...REMOVE, ...TRIES, ...once });
    },
  };
  const explain = (error: unknown) => nameWrongType(connection, KEYS, error);
  return { ...guarded(operations, explain), close: () => queue.close() };
}

export function openCardsQueue(
  connection: QueueOptions['connection'],
  onError: QueueOptions['onError'],
  telemetry?: Telemetry,
) {
  const queue = new Queue<RunJob | ChangeJob>(CARDS, {
    connection,
    prefix: QUEUE_PREFIX,
    skipWaitingForReady: true,
    ...(telemetry && { telemetry }),
  });
  queue.on('error', onError);
  return queue;
}
