/** The group that is meant by a name that no group has. */
import { nearestNames } from '#domain/nearest.ts';
import type { Inventory } from './inventory.ts';

/** A host's name means a group of the host. Empty when nothing is near. */
export function nearestGroup(name: string, { listHosts, groups }: Pick<Inventory, 'listHosts' | 'groups'>): string {
  const host = listHosts().find((each) => each.name === name);
  return host?.groups[0] ?? nearestNames(name, groups.keys())[0] ?? '';
}
