/** A kernel change at any of its gates, for tests. */
import type { Change, ChangeId, ChangeState, Gate } from '#domain/change.ts';
import type { CheckId } from '#domain/check.ts';
import type { KernelPlan } from '#kinds/kernel/plan.ts';
import { ALICE, HOST_KEY, NOW, gateOf as sampleGate } from './example-change.ts';
import { KERNEL_PLAN } from './kernel-plan.ts';

export const BUILDER_KEY = `SHA256:${'b'.repeat(43)}`;
export const MANIFEST = 'a'.repeat(64);

const GATES = ['build', 'install', 'boot', 'keep'] as const;

type GateName = (typeof GATES)[number] | 'prepare' | 'rollback';

/** `at`: the gate that is open, or whose work is under way. What was built is known at the gates after it. */
export function kernelChange(at: GateName, fields: Partial<Change<KernelPlan>> = {}): Change<KernelPlan> {
  const names: readonly GateName[] = at === 'rollback' ? [at] : at === 'prepare' ? [at, ...GATES] : GATES;
  const built = names.indexOf('build');
  const index = names.indexOf(at);
  const gates = names.map((name, each) => kernelGate(name, at !== 'rollback' && each > built && each <= index));
  return {
    id: 'aaaaaaaa' as ChangeId,
    kind: 'kernel',
    host: KERNEL_PLAN.host,
    run: '11111111' as CheckId,
    plan: KERNEL_PLAN,
    reverts: at === 'rollback' ? ('bbbbbbbb' as ChangeId) : null,
    gates,
    revertMinutes: 10,
    expiresMinutes: 60,
    reason: 'ports run out',
    requester: ALICE,
    proposedAt: NOW,
    breakGlass: false,
    review: null,
    proofs: [],
    state: workingAt(index),
    revision: 1,
    ...fields,
  };
}

type Working = Extract<ChangeState, { kind: 'working' }>;

export function workingAt(gate: number, fields: Partial<Working> = {}): Working {
  return { kind: 'working', at: NOW, gate, reverts: null, wish: null, running: true, ...fields };
}

function kernelGate(name: GateName, isAfterBuild: boolean): Gate {
  const onBuilder = name === 'build' || name === 'prepare';
  return sampleGate(name, {
    host: onBuilder ? KERNEL_PLAN.builder : KERNEL_PLAN.host,
    hostKey: onBuilder ? BUILDER_KEY : HOST_KEY,
    artefact: isAfterBuild ? MANIFEST : null,
  });
}
