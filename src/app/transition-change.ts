/** One step of a change: read, decide, write with its record; again when somebody else was faster. */
import { type ChangeEvent, type ChangeRefusal, decide } from '#change/decide.ts';
import { entryOf } from '#change/entry.ts';
import type { Change, ChangeId } from '#domain/change.ts';
import type { Changes } from './change-ports.ts';

export interface TransitionTools {
  readonly changes: Changes;
  readonly now: () => Date;
}

export type Transitioned =
  | { readonly kind: 'moved'; readonly change: Change }
  /** `change`: what it is instead. `host-locked`: another change has the host. */
  | { readonly kind: 'refused'; readonly why: ChangeRefusal | 'host-locked'; readonly change: Change }
  | { readonly kind: 'unknown' };

const MOST_TRIES = 20;

/** Rejects with a StoreDown. */
export async function transitionChange(
  id: ChangeId,
  event: ChangeEvent,
  { changes, now }: TransitionTools,
): Promise<Transitioned> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const before = await changes.find(id);
    if (before === undefined) return { kind: 'unknown' };
    const at = now();
    const decided = decide(before, event, at);
    if (decided.kind === 'refused') return { ...decided, change: before };
    const committed = await changes.commit(before, decided.change, entryOf(before, decided.change, event, at));
    if (committed === 'done') return { kind: 'moved', change: decided.change };
    if (committed === 'locked') return { kind: 'refused', why: 'host-locked', change: before };
  }
  throw new Error(`Change ${id} moved on at each of ${MOST_TRIES} tries.`);
}
