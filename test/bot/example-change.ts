/** A change of sysctls that unit tests start from: asked for by Alice, waiting for its gate `apply`. */
import type { Decider } from '#app/decide-ports.ts';
import { boundOf, hashOf } from '#change/bound.ts';
import type { ChangeEvent } from '#change/decide.ts';
import type { Approval, Change, ChangeId, Gate } from '#domain/change.ts';
import type { Actor, CheckId } from '#domain/check.ts';
import type { Plan, Step } from '#domain/plan.ts';
import { sysctlKind } from '#kinds/sysctl/kind.ts';

export const NOW = new Date('2026-11-27T03:00:00Z');
export const ALICE = personOf('U0ALICE');
export const BOB = personOf('U0BOB');
export const CAROL = personOf('U0CAROL');
export const HOST_KEY = `SHA256:${'k'.repeat(43)}`;
export const KIND = sysctlKind(
  new Map([
    ['reuse-time-wait-ports', { risk: 'low', writes: ['net.ipv4.tcp_tw_reuse', 'net.ipv4.tcp_fin_timeout'] }],
    ['widen-local-port-range', { risk: 'medium', writes: ['net.ipv4.ip_local_port_range'] }],
  ]),
);

export function personOf(id: string): Actor {
  return { surface: 'slack', id };
}

/** Somebody who decides. */
export function deciderOf(id: string, userGroups: readonly string[] = []): Decider {
  return { actor: personOf(id), person: { id, userGroups } };
}

export function minutesLater(minutes: number, from = NOW): Date {
  return new Date(from.getTime() + minutes * 60_000);
}

export function stepOf(key: string, fields: Partial<Step> = {}): Step {
  return { key, from: '2', to: '1', scope: 'netns', files: [], needs: [], ...fields };
}

export function planOf(fields: Partial<Plan> = {}): Plan {
  return {
    fix: 'reuse-time-wait-ports',
    host: 'web-01',
    netns: '4026531840',
    kernel: '6.1.0',
    risk: 'low',
    steps: [stepOf('net.ipv4.tcp_tw_reuse'), stepOf('net.ipv4.tcp_fin_timeout')],
    facts: {},
    goals: [],
    before: {},
    ...fields,
  };
}

export function gateOf(name: string, fields: Partial<Gate> = {}): Gate {
  return {
    name,
    host: 'web-01',
    hostKey: HOST_KEY,
    needs: { approvals: 1, outside: false },
    artefact: null,
    expiresMinutes: null,
    expiresAt: null,
    approvals: [],
    ...fields,
  };
}

export function changeOf(fields: Partial<Change<Plan>> = {}): Change<Plan> {
  return {
    id: 'aaaaaaaa' as ChangeId,
    kind: 'sysctl',
    host: 'web-01',
    run: 'bbbbbbbb' as CheckId,
    plan: planOf(),
    reverts: null,
    gates: [gateOf('apply', { expiresAt: minutesLater(30) }), gateOf('keep')],
    revertMinutes: 10,
    expiresMinutes: 30,
    reason: 'ports run out',
    requester: ALICE,
    proposedAt: NOW,
    breakGlass: false,
    review: null,
    proofs: [],
    state: { kind: 'waiting', at: NOW, gate: 0, reverts: null, wish: null, dropped: null },
    revision: 0,
    ...fields,
  };
}

/** Applied, and on the host until `minutes` from now. */
export function onTrial(fields: Partial<Change<Plan>> = {}, minutes = 10): Change<Plan> {
  const reverts = minutesLater(minutes);
  const applied = gateOf('apply', { expiresAt: minutesLater(30) });
  return changeOf({
    gates: [applied, gateOf('keep', { expiresAt: reverts })],
    state: { kind: 'waiting', at: NOW, gate: 1, reverts, wish: null, dropped: null },
    ...fields,
  });
}

/** The one change that takes back what another one kept. */
export function takingBack(fields: Partial<Change<Plan>> = {}): Change<Plan> {
  return changeOf({
    reverts: 'kkkkkkkk' as ChangeId,
    gates: [gateOf('revert', { expiresAt: minutesLater(30) })],
    ...fields,
  });
}

/** Of the text of a gate as the change is now. */
export function hashOfGate(change: Change, gate: number): string {
  return hashOf(boundOf(KIND, change, gate) ?? '');
}

export function approvalOf(change: Change, gate: number, by: Actor, fields: Partial<Approval> = {}): Approval {
  return { by, at: NOW, hash: hashOfGate(change, gate), signature: null, userGroups: [], ...fields };
}

export function withApprovals<C extends Change>(change: C, gate: number, approvals: readonly Approval[]): C {
  return { ...change, gates: change.gates.map((each, at) => (at === gate ? { ...each, approvals } : each)) };
}

type Approve = Extract<ChangeEvent, { kind: 'approve' }>;

/** Of the gate that is open, by somebody who saw this change. */
export function approving(by: Actor, seen: Change, more: Partial<Approve> = {}): Approve {
  const gate = seen.state.kind === 'ended' ? 0 : seen.state.gate;
  return { kind: 'approve', by, hash: hashOfGate(seen, gate), signature: null, userGroups: [], ...more };
}
