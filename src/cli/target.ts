/** From what was typed to the host it means. */
import type { Host } from '#domain/host.ts';
import type { Inventory } from '#inventory/inventory.ts';
import { fill } from '#render/words.ts';
import { UsageError } from './failure.ts';
import { type Session, unusable } from './session.ts';

/** Throws a UsageError that names the nearest hosts, or a group's members. */
export async function findTarget(name: string, session: Session): Promise<Host> {
  const inventory = await session.inventory();
  return (await findIn(inventory, name, session)) ?? refuse(name, inventory, session);
}

/** Also a jump host that has no entry of its own, under the name that messages give it. */
export async function findHop(name: string, session: Session): Promise<Host> {
  const inventory = await session.inventory();
  const found = (await findIn(inventory, name, session)) ?? (await onTheWay(inventory, name));
  return found ?? refuse(name, inventory, session);
}

/** Undefined when nothing is known by that name. */
async function findIn(inventory: Inventory, name: string, session: Session): Promise<Host | undefined> {
  const found = await inventory.findTyped(name);
  session.signal.throwIfAborted();
  if (found.kind === 'invalid') throw await unusable(found.message, session.language, session.overrides);
  return found.kind === 'host' ? found.host : undefined;
}

async function onTheWay(inventory: Inventory, name: string): Promise<Host | undefined> {
  for (const listed of inventory.listHosts()) {
    const found = await inventory.findHost(listed.name);
    const hops = found.kind === 'host' ? found.host.jump : [];
    const at = hops.findIndex((hop) => hop.name === name);
    const hop = hops[at];
    if (hop !== undefined) return { ...hop, jump: hops.slice(0, at) };
  }
  return undefined;
}

async function refuse(name: string, inventory: Inventory, session: Session): Promise<never> {
  const { usage } = await session.words();
  const members = inventory.groups.get(name);
  if (members !== undefined) throw new UsageError(fill(usage.group, { name, members: members.join(', ') }));
  const found = await inventory.findTyped(name);
  const nearest = found.kind === 'unknown' ? found.nearest.join(usage.or) : '';
  throw new UsageError(fill(usage.unknownHost, { name, nearest }));
}
