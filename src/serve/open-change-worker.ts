/** The part of the worker that writes to hosts: what the queue calls for each task of a change. */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { advance } from '#app/advance.ts';
import type { AdvanceTools } from '#app/advance-ports.ts';
import type { ChangeTask } from '#app/change-ports.ts';
import type { Examine } from '#app/examine.ts';
import type { CopyFile, ReadFile, RunOnHost } from '#app/ports.ts';
import { prove } from '#app/prove.ts';
import { remindOfReview } from '#app/review.ts';
import type { ChangeId } from '#domain/change.ts';
import { SOURCES } from '#evidence/sources.ts';
import type { Inventory } from '#inventory/inventory.ts';
import type { ChangeDesk } from '#slack/tools.ts';
import { findHost } from './open-worker.ts';

export interface ChangeWorkerNeeds {
  readonly run: RunOnHost;
  readonly copy: CopyFile;
  readonly read: ReadFile;
  readonly examine: Examine;
  readonly changes: ChangeDesk;
  readonly inventory: () => Inventory;
  readonly log: Logger;
}

export function createChangeWork({ run, copy, read, examine, changes, inventory, log }: ChangeWorkerNeeds) {
  const { store, ...desk } = changes;
  const tools: AdvanceTools = {
    ...store,
    ...desk,
    run,
    copy,
    read,
    word: () => randomBytes(12).toString('hex'),
    findHost: (name) => findHost(name, inventory()),
    now: () => new Date(),
  };
  const checking = { run, examine, sources: SOURCES };

  async function carryOut(task: ChangeTask, id: ChangeId): Promise<void> {
    if (task === 'advance') return advance(id, tools);
    if (task === 'tell') return tools.announce({ kind: 'change', id }, 'now');
    if (task === 'remind') return remindOfReview(id, tools);
    return prove(id, { ...tools, checking });
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
