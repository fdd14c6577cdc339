/** Changes of sysctls as they are proposed, for tests that need none of a check. */
import { newId } from '#app/new-id.ts';
import { loadKinds } from '#catalogue.ts';
import type { AnyKind } from '#change/kind.ts';
import type { Change, ChangeId, ChangeState, End, Gate } from '#domain/change.ts';
import type { Plan } from '#domain/plan.ts';

export const KINDS = await loadKinds();

export const SYSCTL_KIND = KINDS.get('sysctl') as AnyKind;

export const HOST_KEY = 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU';

const MINUTE_MS = 60_000;

/** Asked for at `at` by Alice, for ten minutes; waits for one approval. */
export function proposedChange(id: string, plan: Plan, at: Date, more: Partial<Change> = {}): Change {
  const gate = { host: plan.host, hostKey: HOST_KEY, needs: { approvals: 1, outside: false }, artefact: null };
  return {
    id: id as ChangeId,
    kind: 'sysctl',
    host: plan.host,
    run: newId(`check of ${id}`),
    plan,
    reverts: null,
    gates: [
      { ...gate, name: 'apply', expiresAt: new Date(at.getTime() + 30 * MINUTE_MS), approvals: [] },
      { ...gate, name: 'keep', expiresAt: null, approvals: [] },
    ],
    revertMinutes: 10,
    expiresMinutes: 30,
    reason: 'ports run out',
    requester: { surface: 'slack', id: 'U0ALICE' },
    proposedAt: at,
    breakGlass: false,
    review: null,
    proofs: [],
    state: waiting(at),
    revision: 0,
    ...more,
  };
}

export function waiting(at: Date): ChangeState {
  return { kind: 'waiting', at, gate: 0, reverts: null, wish: null, dropped: null };
}

type Waiting = Extract<ChangeState, { kind: 'waiting' }>;

export function onTrial(at: Date, reverts: Date, more: Partial<Waiting> = {}): Waiting {
  return { kind: 'waiting', at, gate: 1, reverts, wish: null, dropped: null, ...more };
}

export function ended(at: Date, end: End): ChangeState {
  return { kind: 'ended', at, end };
}

/** The same gates; the first one with these approvals. */
export function approvedBy(gates: readonly Gate[], approvals: Gate['approvals']): readonly Gate[] {
  return gates.map((gate, index) => (index === 0 ? { ...gate, approvals } : gate));
}
