/** One step of a change: read, decide, write with its record, and have it shown; again when somebody else was faster. */
import { type ChangeEvent, type ChangeRefusal, decide } from '#change/decide.ts';
import { entryOf } from '#change/entry.ts';
import { type AnyKind, type Kinds, openSpec } from '#change/kind.ts';
import type { Change, ChangeId } from '#domain/change.ts';
import type { Announce } from './card-ports.ts';
import type { Changes } from './change-ports.ts';

export interface TransitionTools {
  readonly changes: Changes;
  readonly kinds: Kinds;
  readonly announce: Announce;
  readonly now: () => Date;
}

export type Transitioned =
  | { readonly kind: 'moved'; readonly change: Change }
  /** `change`: what it is instead. `host-locked`: another change has the host. */
  | { readonly kind: 'refused'; readonly why: ChangeRefusal | 'host-locked'; readonly change: Change }
  | { readonly kind: 'unknown' };

const MOST_TRIES = 20;

/** Rejects with a StoreDown. */
export async function transition(
  id: ChangeId,
  event: ChangeEvent,
  { changes, kinds, announce, now }: TransitionTools,
): Promise<Transitioned> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const before = await changes.find(id);
    if (before === undefined) return { kind: 'unknown' };
    const [at, kind] = [now(), kindOf(before, kinds)];
    const decided = decide(kind, before, event, at);
    if (decided.kind === 'refused') return { ...decided, change: before };
    const entry = entryOf(kind, before, decided.change, event, at);
    const committed = await changes.commit(before, decided.change, entry);
    if (committed === 'locked') return { kind: 'refused', why: 'host-locked', change: before };
    if (committed === 'stale') continue;
    await announce({ kind: 'change', id }, 'now');
    return { kind: 'moved', change: decided.change };
  }
  throw new Error(`Change ${id} moved on at each of ${MOST_TRIES} tries.`);
}

/** The store gives out no change of a kind that is not there. */
export function kindOf({ kind }: Pick<Change, 'kind'>, kinds: Kinds): AnyKind {
  const found = kinds.get(kind);
  if (found === undefined) throw new Error(`There is no kind ${kind}.`);
  return found;
}

/** For so many minutes the work behind the open gate may wait for its hosts. */
export function patienceOf(change: Change, kinds: Kinds): number {
  return openSpec(kindOf(change, kinds), change)?.patience ?? 0;
}
