/** Changes of sysctls as they are proposed, for tests that need none of a check. */
import { newId } from '#app/new-id.ts';
import { loadKinds } from '#catalogue.ts';
import type { AnyKind } from '#change/kind.ts';
import type { Change, ChangeId, ChangeState, End } from '#domain/change.ts';
import type { Plan } from '#domain/plan.ts';
import { changeOf, gateOf, minutesLater } from './example-change.ts';

export const KINDS = await loadKinds();

export const SYSCTL_KIND = KINDS.get('sysctl') as AnyKind;

/** Asked for at `at` by Alice, for ten minutes; waits for one approval. */
export function proposedChange(id: string, plan: Plan, at: Date, more: Partial<Change> = {}): Change {
  const { host } = plan;
  const asked = changeOf({
    ...{ id: id as ChangeId, host, run: newId(`check of ${id}`), plan, proposedAt: at, state: waiting(at) },
    gates: [gateOf('apply', { host, expiresAt: minutesLater(30, at) }), gateOf('keep', { host })],
  });
  return { ...asked, ...more };
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
