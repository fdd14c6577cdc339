/** An admin freezes a group of hosts, or ends a freeze: while it lasts, nothing new is approved or applied there. */
import { hearsFreezes } from '#change/freeze.ts';
import type { Change } from '#domain/change.ts';
import { type AdminRefusal, adminEntry, whyNotAdmin } from './admin.ts';
import type { Decider, DecideTools } from './decide-ports.ts';

export interface FreezeOrder {
  readonly on: boolean;
  /** `*` = all hosts. */
  readonly group: string;
}

export interface FreezeTools
  extends Pick<DecideTools, 'changes' | 'freezes' | 'announce' | 'policy' | 'groupsOf' | 'now'> {
  /** Whether there is such a group, as the inventory has them now. */
  readonly hasGroup: (group: string) => boolean;
}

export type Frozen =
  /** `concerned`: the open changes of these hosts, whose cards and threads are brought up to date. */
  | { readonly kind: 'done'; readonly concerned: readonly Change[] }
  | { readonly kind: 'refused'; readonly why: AdminRefusal | 'unknown-group' | 'not-frozen' };

/** Rejects with a StoreDown. */
export async function freeze(order: FreezeOrder, { actor, person }: Decider, tools: FreezeTools): Promise<Frozen> {
  const { on, group } = order;
  const { policy, freezes, hasGroup, announce } = tools;
  const why = whyNotAdmin(policy, person);
  if (why !== undefined) return { kind: 'refused', why };
  // Somebody who slipped would believe that nothing can be changed.
  if (on && group !== '*' && !hasGroup(group)) return { kind: 'refused', why: 'unknown-group' };
  const since = tools.now();
  const entry = adminEntry(on ? 'freeze' : 'thaw', null, { group }, actor, since);
  if (on) await freezes.freeze({ group, by: actor.id, since }, entry);
  else if (!(await freezes.thaw(group, entry))) return { kind: 'refused', why: 'not-frozen' };
  const concerned = await openChanges(group, tools);
  for (const { id } of concerned) await announce({ kind: 'change', id }, 'now');
  return { kind: 'done', concerned };
}

async function openChanges(group: string, { changes, groupsOf }: FreezeTools): Promise<readonly Change[]> {
  const active = await changes.active();
  return active.filter((change) => hearsFreezes(change) && (group === '*' || groupsOf(change.host).includes(group)));
}
