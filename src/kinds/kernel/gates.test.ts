import { describe, expect, it } from 'vitest';
import { type Circumstances, whyNotAllowed } from '#change/allowed.ts';
import { openHash } from '#change/bound.ts';
import { decide } from '#change/decide.ts';
import { gatesOf, isOwnBuilder } from '#change/kind.ts';
import type { Change, ChangeState } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import { ALICE, BOB, minutesLater, NOW, withApprovals } from '../../../test/bot/example-change.ts';
import { kernelChange } from '../../../test/bot/kernel-change.ts';
import { KERNEL_PLAN } from '../../../test/bot/kernel-plan.ts';
import { RULE } from '../../../test/bot/policy-rule.ts';
import { KERNEL_KIND } from './kind.ts';
import type { KernelPlan } from './plan.ts';

const GATES = ['prepare', 'build', 'install', 'boot', 'keep', 'rollback'] as const;

/** The policy names the requester at every gate. */
const rule = { ...RULE, approve: { users: [ALICE.id, BOB.id], userGroups: [] } };
const policy = { rules: [rule], breakGlass: null, admins: null, freezes: [] };
const around: Circumstances = { policy, groups: [], frozen: [], keys: new Map(), now: NOW };

/** Open, and on trial where the gate is that of one. */
function waitingAt(name: (typeof GATES)[number]): { readonly change: Change<KernelPlan>; readonly index: number } {
  const plan = { ...KERNEL_PLAN, missing: name === 'prepare' ? ['bc'] : [] };
  const change = kernelChange(name, { plan });
  const index = change.gates.findIndex((gate) => gate.name === name);
  const reverts = name === 'keep' ? minutesLater(10) : null;
  const state: ChangeState = { kind: 'waiting', at: NOW, gate: index, reverts, wish: null, dropped: null };
  const gates = change.gates.map((gate, at) => (at === index ? { ...gate, expiresAt: minutesLater(10) } : gate));
  return { change: { ...change, state, gates }, index };
}

describe.each(GATES)('the gate %s', (name) => {
  const { change, index } = waitingAt(name);
  const hash = openHash(KERNEL_KIND, change) ?? '';
  const approve = (by: Actor) =>
    decide(KERNEL_KIND, change, { kind: 'approve', by, hash, signature: null, userGroups: [] }, NOW);
  const approvedBy = (by: Actor) =>
    withApprovals(change, index, [{ by, at: NOW, hash, signature: null, userGroups: [] }]);

  it('is not for the requester to open, whom the policy names all the same', () => {
    expect(approve(ALICE)).toEqual({ kind: 'refused', why: 'own-change' });
    expect(whyNotAllowed(KERNEL_KIND, approvedBy(ALICE), index, around)).toBe('not-approved');
  });

  it('is opened by another', () => {
    expect(approve(BOB)).toMatchObject({ kind: 'moved', change: { state: { kind: 'queued', gate: index } } });
    expect(whyNotAllowed(KERNEL_KIND, approvedBy(BOB), index, around)).toBeUndefined();
  });
});

const withPlan = (fields: Partial<KernelPlan>) => ({ plan: { ...KERNEL_PLAN, ...fields }, reverts: null });

it('build dependencies are a gate where the builder lacks some', () => {
  const names = (missing: string[]) => gatesOf(KERNEL_KIND, withPlan({ missing })).map((gate) => gate.name);
  expect(names(['bc'])).toEqual(['prepare', 'build', 'install', 'boot', 'keep']);
  expect(names([])).toEqual(['build', 'install', 'boot', 'keep']);
});

it('a builder that boots what it has built is one host in two roles', () => {
  const isOwn = (builder: string) => isOwnBuilder(KERNEL_KIND, withPlan({ builder }));
  expect([isOwn(KERNEL_PLAN.builder), isOwn(KERNEL_PLAN.host)]).toEqual([false, true]);
});
