/** What is under way with changes, for whoever wants to see it: they, who has which host, and what is frozen. */
import type { Change, HostLock, OrderedFreeze } from '#domain/change.ts';
import type { ChangeStore } from './change-ports.ts';

export interface ChangesUnderWay {
  /** Oldest first. */
  readonly active: readonly Change[];
  readonly locks: readonly HostLock[];
  readonly freezes: readonly OrderedFreeze[];
}

/** Rejects with a StoreDown. */
export async function listChanges({
  changes,
  freezes,
}: Pick<ChangeStore, 'changes' | 'freezes'>): Promise<ChangesUnderWay> {
  const [active, frozen] = await Promise.all([changes.active(), freezes.list()]);
  const hosts = [...new Set(active.flatMap(({ host, gates }) => [host, ...gates.map((gate) => gate.host)]))];
  const locks = await Promise.all(hosts.map((host) => changes.lockOf(host)));
  return { active, locks: locks.filter((lock) => lock !== undefined), freezes: frozen };
}
