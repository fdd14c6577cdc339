/** The part of the worker that writes to hosts: what the queue calls for each task of a change. */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { AnnounceChange, ChangeQueue, ChangeStore, ChangeTask } from '#app/change-ports.ts';
import type { Examine } from '#app/examine.ts';
import type { RunOnHost } from '#app/ports.ts';
import { proveChange } from '#app/prove-change.ts';
import { remindOfReview } from '#app/review-change.ts';
import { createRunHelper } from '#app/run-helper.ts';
import { applyChange, endChange, settleChange, type WorkTools } from '#app/work-change.ts';
import type { Config } from '#config.ts';
import type { ChangeId } from '#domain/change.ts';
import { SOURCES } from '#evidence/sources.ts';
import type { Inventory } from '#inventory/inventory.ts';
import { findHost } from './open-worker.ts';

export interface ChangeWorkerNeeds {
  readonly run: RunOnHost;
  readonly examine: Examine;
  readonly store: ChangeStore;
  readonly queue: ChangeQueue;
  readonly announce: AnnounceChange;
  readonly inventory: () => Inventory;
  readonly config: Pick<Config, 'changes'>;
  readonly log: Logger;
}

export function createChangeWork({ run, examine, store, queue, announce, inventory, config, log }: ChangeWorkerNeeds) {
  const tools: WorkTools = {
    ...store,
    queue,
    announce,
    helper: createRunHelper(run, () => randomBytes(12).toString('hex')),
    policy: config.changes.policy,
    keys: config.changes.keys,
    findHost: (name) => findHost(name, inventory()),
    now: () => new Date(),
  };
  const checking = { run, examine, sources: SOURCES, boundary: () => `tcp-oncall-${randomBytes(16).toString('hex')}` };

  async function carryOut(task: ChangeTask, id: ChangeId): Promise<void> {
    if (task === 'apply') return applyChange(id, tools);
    if (task === 'end') return endChange(id, tools);
    if (task === 'settle') return settleChange(id, tools);
    if (task === 'remind') return remindOfReview(id, tools);
    return proveChange(id, { ...tools, checking });
  }

  return async (task: ChangeTask, id: ChangeId): Promise<void> => {
    const about = log.child({ change: id, task });
    about.info('task begins');
    const began = performance.now();
    try {
      await carryOut(task, id);
      about.info({ ms: Math.round(performance.now() - began) }, 'task ends');
    } catch (error) {
      about.error({ err: error }, 'task went wrong; the host will be asked how it stands');
      throw error;
    }
  };
}
