/** The inventory as last read; SIGHUP reads it again from every file it is made of, and a broken one changes nothing. */
import type { Logger } from 'pino';
import type { Inventory } from '#inventory/inventory.ts';
import { reasonOf } from './serve-error.ts';

export interface Reread {
  readonly inventory: Inventory;
  /** Sections of tcp-oncall.yaml that say something else now, and are used only after a restart. */
  readonly restartFor: readonly string[];
}

export interface WatchedInventory {
  readonly current: () => Inventory;
  readonly stop: () => void;
}

/** `read` rejects with one sentence. Two signals are two reads, one after the other: the last file counts. */
export function watchInventory(first: Inventory, read: () => Promise<Reread>, log: Logger): WatchedInventory {
  let current = first;
  let reading = Promise.resolve();

  async function readAgain(): Promise<void> {
    try {
      const { inventory, restartFor } = await read();
      // An editor may be between emptying the file and writing it.
      if (inventory.listHosts().length === 0 && current.listHosts().length > 0)
        throw new Error('No host is named there any more');
      current = inventory;
      log.info({ hosts: inventory.listHosts().length }, 'read the hosts again');
      if (restartFor.length > 0)
        log.warn({ sections: restartFor.join(', ') }, 'changed, but used only after a restart');
    } catch (error) {
      log.error({ why: reasonOf(error) }, 'the hosts cannot be read again; the old ones stay');
    }
  }

  const onHangup = () => {
    reading = reading.then(readAgain);
  };
  process.on('SIGHUP', onHangup);
  return { current: () => current, stop: () => process.off('SIGHUP', onHangup) };
}
