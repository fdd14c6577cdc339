/** `tcp-oncall __complete WORD…`: one candidate a line, for the shell's completion; says nothing when something is wrong. */
import type { Command } from 'commander';
import type { Inventory } from '#inventory/inventory.ts';
import { candidates, withoutEquals } from './complete.ts';
import { STATUS, type Status } from './failure.ts';
import { saidOption } from './said-option.ts';
import type { World } from './world.ts';

export async function completeWords(words: readonly string[], program: Command, world: World): Promise<Status> {
  const found = await candidates(words, program, {
    host: async () => (await inventory(words, world)).listHosts().map(({ name }) => name),
    group: async () => [...(await inventory(words, world)).groups.keys()],
    id: async () => (await import('#catalogue.ts')).pageIds(),
    timewait: async () => ['timewait=5', 'timewait=15', 'timewait=30'],
    fix: async () => (await import('#catalogue.ts')).fixIds(),
  }).catch(() => []);
  for (const candidate of found) world.stdout.write(`${candidate}\n`);
  return STATUS.nothing;
}

/** Of the configuration that the command line names. */
async function inventory(words: readonly string[], world: World): Promise<Inventory> {
  const { openSession } = await import('./session.ts');
  const config = saidOption('--config', withoutEquals(words));
  const session = await openSession(config ? { config } : {}, world);
  return session.inventory();
}
