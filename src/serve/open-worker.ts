/** The role that runs checks: it logs in to hosts, and has no token of Slack's. */
import type { Logger } from 'pino';
import type { Announce } from '#app/card-ports.ts';
import type { Store } from '#app/check-ports.ts';
import type { Examine } from '#app/examine.ts';
import type { RunOnHost } from '#app/ports.ts';
import { type CheckWorkTools, runQueuedCheck, TryAgain } from '#app/run-queued-check.ts';
import type { CheckId } from '#domain/check.ts';
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';
import { SOURCES } from '#evidence/sources.ts';
import type { Inventory } from '#inventory/inventory.ts';

export interface WorkerNeeds {
  readonly run: RunOnHost;
  readonly store: Store;
  readonly announce: Announce;
  readonly inventory: () => Inventory;
  readonly examine: Examine;
  readonly askFor: CheckWorkTools['askFor'];
  readonly findDrift: CheckWorkTools['findDrift'];
  /** Whether anybody may change anything: else nothing is planned. */
  readonly plansFixes: boolean;
  readonly log: Logger;
}

/** What the queue calls for each check. */
export function createRunOne({
  run,
  store,
  announce,
  inventory,
  examine,
  askFor,
  findDrift,
  plansFixes,
  log,
}: WorkerNeeds) {
  const checking = { run, sources: SOURCES, examine, now: () => new Date() };
  return async (id: CheckId, mayTryAgain: boolean, signal: AbortSignal): Promise<void> => {
    const about = log.child({ run: id });
    about.info('check begins');
    const began = performance.now();
    try {
      await runQueuedCheck(id, mayTryAgain, signal, {
        ...store,
        announce,
        checking,
        askFor,
        findDrift,
        plansFixes,
        findHost: (name) => findHost(name, inventory()),
        onSilence: (error) => about.warn({ err: error }, 'what happened could not be written or announced; it will be'),
      });
      about.info({ ms: Math.round(performance.now() - began) }, 'check ends');
    } catch (error) {
      if (error instanceof TryAgain) about.warn({ why: error.message }, 'check is tried again');
      else about.warn({ err: error }, 'check went wrong');
      throw error;
    }
  };
}

export async function findHost(name: string, inventory: Inventory): Promise<Host | CheckFailure> {
  const found = await inventory.findHost(name);
  if (found.kind === 'host') return found.host;
  const why = found.kind === 'invalid' ? found.message.replace(/\.$/, '') : '';
  return { kind: 'not-in-inventory', details: { host: name, why } };
}
