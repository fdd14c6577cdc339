/** `tcp-oncall __complete WORD…`: one candidate a line, for the shell's completion; says nothing when something is wrong. */
import type { Command } from 'commander';
import { candidates } from './complete.ts';
import { STATUS, type Status } from './failure.ts';
import type { World } from './world.ts';

export async function completeWords(words: readonly string[], program: Command, world: World): Promise<Status> {
  const found = await candidates(words, program, {
    host: () => hosts(words, world),
    id: async () => (await import('#catalogue.ts')).diagnosisIds(),
    fix: async () => (await import('#catalogue.ts')).fixIds(),
  }).catch(() => []);
  for (const candidate of found) world.stdout.write(`${candidate}\n`);
  return STATUS.nothing;
}

/** Of the configuration that the command line names. */
async function hosts(words: readonly string[], world: World): Promise<readonly string[]> {
  const { loadSettings } = await import('./settings.ts');
  const config = words[words.lastIndexOf('--config') + 1];
  const { inventory } = await loadSettings(words.includes('--config') && config ? { config } : {}, world);
  return (await inventory()).listHosts().map(({ name }) => name);
}
