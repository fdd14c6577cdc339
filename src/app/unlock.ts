/** An admin who has looked at a host frees it: of a change whose outcome is unknown, or of a lock that was left behind. */
import type { Policy } from '#change/policy.ts';
import { type Change, type ChangeId, hostHeld } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import { type AdminRefusal, adminEntry, whyNotAdmin } from './admin.ts';
import type { ChangeStore } from './change-ports.ts';
import type { Decider } from './decide-ports.ts';
import { listChanges } from './list-changes.ts';
import { type TransitionTools, transition } from './transition.ts';

export interface UnlockTools extends TransitionTools {
  readonly policy: Policy;
}

export type Unlocked =
  /** `abandoned`: the change is ended by it. `unlocked`: the change goes on as its host says. */
  | { readonly kind: 'abandoned' | 'unlocked'; readonly change: ChangeId }
  | { readonly kind: 'refused'; readonly why: AdminRefusal | 'no-lock' };

/** Rejects with a StoreDown. */
export async function unlock(host: string, { actor, person }: Decider, tools: UnlockTools): Promise<Unlocked> {
  const why = whyNotAdmin(tools.policy, person);
  if (why !== undefined) return { kind: 'refused', why };
  const active = await tools.changes.active();
  const lost = active.find((change) => isLost(change) && (change.host === host || hostHeld(change) === host));
  return lost === undefined ? takeLock(host, actor, tools) : abandon(lost, actor, tools);
}

/** Those that `unlock` would free. Rejects with a StoreDown. */
export async function lockedHosts(store: Pick<ChangeStore, 'changes' | 'freezes'>): Promise<readonly string[]> {
  const { active, locks } = await listChanges(store);
  const locked = active.filter((each) => isLost(each) || locks.some(({ change }) => change === each.id));
  return [...new Set(locked.map((change) => hostHeld(change) ?? change.host))].toSorted();
}

async function takeLock(host: string, actor: Actor, { changes, now }: UnlockTools): Promise<Unlocked> {
  const lock = await changes.lockOf(host);
  if (lock === undefined) return { kind: 'refused', why: 'no-lock' };
  const { change, token } = lock;
  const unlocked = await changes.unlock(host, adminEntry('unlock', host, { change, token }, actor, now()));
  return unlocked ? { kind: 'unlocked', change } : { kind: 'refused', why: 'no-lock' };
}

async function abandon({ id }: Change, by: Actor, tools: UnlockTools): Promise<Unlocked> {
  const moved = await transition(id, { kind: 'abandon', by }, tools);
  return moved.kind === 'moved' ? { kind: 'abandoned', change: id } : { kind: 'refused', why: 'no-lock' };
}

function isLost({ state }: Change): boolean {
  return state.kind === 'unclear';
}
