/** Whose people hear of a freeze and of its end. Pure. */
import type { Change } from '#domain/change.ts';

/** A proposal cannot be approved meanwhile; a trial goes on, and people want to know that. A way back is not stopped. */
export function hearsFreezes({ state, reverts }: Pick<Change, 'state' | 'reverts'>): boolean {
  return state.kind === 'waiting' && reverts === null;
}
