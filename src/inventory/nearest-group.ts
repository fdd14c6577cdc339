/** The group that is meant by a name that no group has. */
import { nearestNames } from '#domain/nearest.ts';
import type { Inventory } from './inventory.ts';

/** A host's name means a group of the host. Empty when nothing is near. */
export function nearestGroup(name: string, { groupsOf, groups }: Pick<Inventory, 'groupsOf' | 'groups'>): string {
  return groupsOf(name)[0] ?? nearestNames(name, groups.keys())[0] ?? '';
}
