/** Somebody wants back what was kept: a change of its own, since the host has lived with the new values. */
import { type Change, type ChangeId, isKept } from '#domain/change.ts';
import type { Changes } from './change-ports.ts';
import { type Asking, type Proposed, type ProposeTools, propose } from './propose.ts';
import { kindOf } from './transition.ts';

/** Rejects with a StoreDown. */
export async function proposeRevert(id: ChangeId, asking: Asking, tools: ProposeTools): Promise<Proposed> {
  const kept = await tools.changes.find(id);
  if (kept === undefined) return { kind: 'refused', why: 'unknown-change' };
  const { gates, run } = kept;
  const kind = kindOf(kept, tools.kinds);
  const plan = kind.reverse(kept.plan);
  const last = gates.at(-1);
  const isBack = await isTakenBack(kept, tools.changes);
  if (!isKept(kept) || isBack || plan === undefined || last === undefined || kind.wayBack === null)
    return { kind: 'refused', why: 'not-kept' };
  const { host, hostKey } = last;
  const hosts = { [kind.wayBack.role]: { host, hostKey } };
  return propose({ kind, plan, run, hosts, reverts: id, unready: null }, asking, tools);
}

export async function isTakenBack(change: Change, changes: Pick<Changes, 'takerOf'>): Promise<boolean> {
  const taker = await takerBack(change, changes);
  return taker?.state.kind === 'ended' && taker.state.end.how === 'done';
}

/** The latest change that was to take this one back, whatever became of it. */
export async function takerBack(change: Change, changes: Pick<Changes, 'takerOf'>): Promise<Change | null> {
  return isKept(change) ? ((await changes.takerOf(change.id)) ?? null) : null;
}
