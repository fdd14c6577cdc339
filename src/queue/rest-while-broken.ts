/** Has a worker rest while a key of its queue is of another type: BullMQ would ask again at once, thousands of times a second. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import type { RedisConnection } from '#store/connect-redis.ts';
import { findWrongType, isWrongType } from '#store/key-types.ts';
import { queueKeys } from './key-types.ts';

const LOOK_AGAIN_MS = 1000;

/** A worker that is being closed is left alone. */
export function restWhileBroken(worker: Worker<unknown>, connection: RedisConnection): void {
  const keys = queueKeys(worker.name);
  let resting = false;

  async function rest(): Promise<void> {
    await worker.pause(true);
    do await sleep(LOOK_AGAIN_MS, undefined, { ref: false });
    while (!worker.closing && (await findWrongType(connection, keys)) !== undefined);
    resting = false;
    if (!worker.closing) await worker.resume();
  }

  worker.on('error', (error) => {
    if (resting || worker.closing || !isWrongType(error)) return;
    resting = true;
    // Where it ends with an error, Redis has gone, and the worker notices that itself.
    void rest().catch(() => {
      resting = false;
      if (!worker.closing) void worker.resume();
    });
  });
}
