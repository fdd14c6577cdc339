/** From what was typed to the host it means. */
import type { Host } from '#domain/host.ts';
import { UsageError } from './failure.ts';
import type { Settings } from './settings.ts';

/** Throws a UsageError that names the nearest hosts, or a group's members. */
export async function findTarget(name: string, settings: Settings): Promise<Host> {
  const inventory = await settings.inventory();
  const found = await inventory.findHost(name);
  switch (found.kind) {
    case 'host':
      return found.host;
    case 'invalid':
      throw new UsageError(found.message);
    case 'unknown': {
      const members = inventory.groups.get(name);
      throw new UsageError(members === undefined ? unknownHost(name, found.nearest) : group(name, members));
    }
  }
}

function unknownHost(name: string, nearest: readonly string[]): string {
  if (nearest.length > 0) return `There is no host "${name}". Did you mean ${nearest.join(' or ')}?`;
  return `There is no host "${name}". tcp-oncall hosts lists those there are; add it to tcp-oncall.yaml under hosts.`;
}

function group(name: string, members: readonly string[]): string {
  return `${name} is a group, and hosts are checked one at a time: ${members.join(', ')}.`;
}
