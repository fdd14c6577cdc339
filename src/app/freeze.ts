/** An admin freezes a group of hosts, or ends a freeze: while it lasts, nothing new is approved or applied there. */
import { hearsFreezes } from '#change/freeze.ts';
import type { Card } from '#domain/card.ts';
import type { Change } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import type { Language } from '#domain/language.ts';
import { type AdminRefusal, adminEntry, whyNotAdmin } from './admin.ts';
import type { Cards, TellFreeze } from './card-ports.ts';
import type { Decider, DecideTools } from './decide-ports.ts';

export interface FreezeOrder {
  readonly on: boolean;
  /** `*` = all hosts. */
  readonly group: string;
}

export interface FreezeTools
  extends Pick<DecideTools, 'changes' | 'freezes' | 'announce' | 'policy' | 'groupsOf' | 'now'> {
  readonly cards: Pick<Cards, 'of'>;
  readonly tellFreeze: TellFreeze;
  /** Channels that hear of it whatever is open there; null = its surface tells that one itself. */
  readonly channels: ReadonlyMap<string, Language | null>;
  /** Whether there is such a group, as the inventory has them now. */
  readonly hasGroup: (group: string) => boolean;
}

export type Frozen =
  /** `threads`: so many cards of open changes of these hosts are brought up to date, and their threads told. */
  | { readonly kind: 'done'; readonly threads: number }
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
  const cards = (await Promise.all(concerned.map(({ id }) => tools.cards.of({ kind: 'change', id })))).flat();
  await tellChannels(order, cards, actor, tools);
  return { kind: 'done', threads: cards.length };
}

/** Each with a card of such a change once, beside those that hear of it anyway. */
async function tellChannels(
  order: FreezeOrder,
  cards: readonly Card[],
  by: Actor,
  { channels, tellFreeze }: FreezeTools,
): Promise<void> {
  const all = new Map([...cards.map(({ place, language }) => [place.channel, language] as const), ...channels]);
  for (const [channel, language] of all)
    if (language !== null) await tellFreeze({ kind: 'freeze', ...order, by, channel, language });
}

async function openChanges(group: string, { changes, groupsOf }: FreezeTools): Promise<readonly Change[]> {
  const active = await changes.active();
  return active.filter((change) => hearsFreezes(change) && (group === '*' || groupsOf(change.host).includes(group)));
}
