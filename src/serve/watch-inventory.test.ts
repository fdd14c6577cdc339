import { EventEmitter, once } from 'node:events';
import type { Logger } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createInventory, type Inventory } from '#inventory/inventory.ts';
import { createSurroundings } from '#ssh/surroundings.ts';
import { type Reread, type WatchedInventory, watchInventory } from './watch-inventory.ts';

const surroundings = createSurroundings({ knownHosts: [], agentSocket: undefined });
const { signal } = new AbortController();
const here = { signal, home: '/', user: 'ann', transport: 'auto', surroundings } as const;
const none = { ansible: new Map(), unread: [], sshConfig: undefined, ...here };
const inventoryOf = (...names: readonly string[]): Inventory =>
  createInventory({ ...none, hosts: new Map(names.map((name) => [name, {}])) });
const namesOf = (watched: WatchedInventory) =>
  watched
    .current()
    .listHosts()
    .map(({ name }) => name);

const hangUp = () => process.emit('SIGHUP', 'SIGHUP');
const logger = () => ({ info: vi.fn(), warn: vi.fn(), error: vi.fn() });

let watched: WatchedInventory;
afterEach(() => watched.stop());

describe('SIGHUP', () => {
  it('brings the hosts as they are now, and names what waits for a restart', async () => {
    const log = logger();
    const read = async (): Promise<Reread> => ({ inventory: inventoryOf('a', 'b'), restartFor: ['changes'] });
    watched = watchInventory(inventoryOf('a'), read, log as unknown as Logger);
    hangUp();
    await expect.poll(() => namesOf(watched)).toEqual(['a', 'b']);
    await expect.poll(() => log.warn.mock.calls).toEqual([[{ sections: 'changes' }, expect.any(String)]]);
  });

  it('keeps the old hosts when they cannot be read, and says why in one sentence without a stack', async () => {
    const log = logger();
    watched = watchInventory(inventoryOf('a'), () => Promise.reject(new Error('x.yaml line 3: no.')), log as never);
    hangUp();
    await expect.poll(() => log.error.mock.calls).toEqual([[{ why: 'x.yaml line 3: no' }, expect.any(String)]]);
    expect(namesOf(watched)).toEqual(['a']);
  });

  it('keeps the old hosts when the file names none any more, as while an editor writes it', async () => {
    const log = logger();
    watched = watchInventory(
      inventoryOf('a'),
      async () => ({ inventory: inventoryOf(), restartFor: [] }),
      log as never,
    );
    hangUp();
    await expect
      .poll(() => log.error.mock.calls)
      .toEqual([[{ why: 'No host is named there any more' }, expect.any(String)]]);
    expect(namesOf(watched)).toEqual(['a']);
  });

  it('twice: what was read last counts, however long the first read took', async () => {
    const slow = new EventEmitter();
    let asked = 0;
    const read = async (): Promise<Reread> => {
      asked++;
      if (asked > 1) return { inventory: inventoryOf('new'), restartFor: [] };
      await once(slow, 'done');
      return { inventory: inventoryOf('old'), restartFor: [] };
    };
    watched = watchInventory(inventoryOf('a'), read, logger() as never);
    hangUp();
    hangUp();
    await expect.poll(() => slow.emit('done')).toBe(true);
    await expect.poll(() => namesOf(watched)).toEqual(['new']);
    expect(asked).toBe(2);
  });
});
