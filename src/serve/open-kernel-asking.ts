/** What a worker does once the report is there on which somebody wants a kernel. */

import type { Store } from '#app/check-ports.ts';
import type { RunOnHost } from '#app/ports.ts';
import { type ProposeKernelTools, proposeKernel } from '#app/propose-kernel.ts';
import type { CheckWorkTools } from '#app/run-queued-check.ts';
import type { Inventory } from '#inventory/inventory.ts';
import type { ChangeDesk } from '#slack/tools.ts';
import { findHost } from './open-worker.ts';

export interface KernelAskingNeeds {
  readonly run: RunOnHost;
  readonly cards: Store['cards'];
  readonly changes: ChangeDesk;
  readonly inventory: () => Inventory;
}

export function createKernelAsking({ run, cards, changes, inventory }: KernelAskingNeeds): CheckWorkTools['askFor'] {
  const { store, ...desk } = changes;
  const tools: ProposeKernelTools = {
    ...store,
    ...desk,
    run,
    cards,
    groupsOf: (host) => inventory().groupsOf(host),
    findHost: (name) => findHost(name, inventory()),
    now: () => new Date(),
  };
  return (check, wanted, seen, signal) => proposeKernel(check, wanted, seen, signal, tools);
}
