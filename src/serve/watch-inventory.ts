/** The inventory as last read; SIGHUP reads it again, and a broken one changes nothing. */
import type { Logger } from 'pino';
import type { Inventory } from '#inventory/inventory.ts';

export interface WatchedInventory {
  readonly current: () => Inventory;
  readonly stop: () => void;
}

export function watchInventory(first: Inventory, read: () => Promise<Inventory>, log: Logger): WatchedInventory {
  let current = first;
  const onHangup = () => {
    read().then(
      (again) => {
        current = again;
        log.info({ hosts: again.listHosts().length }, 'read the inventory again');
      },
      (error: unknown) => log.error({ err: error }, 'the inventory cannot be read; the old one stays'),
    );
  };
  process.on('SIGHUP', onHangup);
  return { current: () => current, stop: () => process.off('SIGHUP', onHangup) };
}
