/** Kernel builds: built on one host, installed beside the running kernel of another, booted once on trial, kept or gone by themselves. */
import { type AnyKind, gatesOf, type Keepsake, type Kind } from '#change/kind.ts';
import { type Change, gateOf } from '#domain/change.ts';
import { observe } from './observe.ts';
import { jobFolder, kernelOrder } from './order.ts';
import { kernelLines } from './order-text.ts';
import { type KernelPlan, readPlan } from './plan.ts';

export const KERNEL = 'kernel';

const HOURS = 60;

/** A build host that is switched off at night, a host that is busy with another change. */
const PATIENT = 24 * HOURS;
const LONGEST_REBOOT = 10;
const USUAL_SILENCE = 2;

const KIND: Kind<KernelPlan> = {
  name: KERNEL,
  gates: [
    { name: 'prepare', role: 'builder', trial: false, first: true, patience: PATIENT, silence: USUAL_SILENCE },
    // It goes on by itself, whether or not anybody looks.
    { name: 'build', role: 'builder', trial: false, first: true, patience: PATIENT, silence: USUAL_SILENCE },
    { name: 'install', role: 'target', trial: false, first: false, patience: PATIENT, silence: USUAL_SILENCE },
    { name: 'boot', role: 'target', trial: false, first: false, patience: 2 * HOURS, silence: LONGEST_REBOOT },
    { name: 'keep', role: 'target', trial: true, first: false, patience: 0, silence: USUAL_SILENCE },
  ],
  wayBack: { name: 'rollback', role: 'target', trial: false, first: true, patience: 0, silence: LONGEST_REBOOT },
  readPlan,
  hasGate: ({ missing }, name) => name !== 'prepare' || missing.length > 0,
  hostOf: ({ host, builder }, role) => (role === 'builder' ? builder : role === 'target' ? host : undefined),
  bound: kernelLines,
  // There is no less of it; its time can be shortened.
  narrow: (plan, parts) => (isWhole(plan, parts) ? plan : undefined),
  reverse: (plan) => plan,
  riskOf: () => 'high',
  title: ({ release, seconds }) => `${release} timewait=${seconds}`,
  order: kernelOrder,
  observe,
  // The host measures, before the boot and after it.
  proving: () => null,
  keepsakes,
};

export const KERNEL_KIND: AnyKind = KIND;

/** As its card names its steps: by their gates. */
function isWhole(plan: KernelPlan, parts: readonly string[]): boolean {
  const names = gatesOf(KERNEL_KIND, { plan, reverts: null }).map(({ name }) => name);
  return parts.length === names.length && names.every((name) => parts.includes(name));
}

const MIB = 1024 * 1024;

/** Where the kernel came from, and how it was made. */
function keepsakes(change: Change<KernelPlan>): readonly Keepsake[] {
  if (gateOf(change)?.name !== 'build') return [];
  const file = (name: string, path: string, mostBytes: number) => ({ name, role: 'builder', path, mostBytes });
  const folder = jobFolder(change.id);
  return [
    file('manifest', `${folder}/out/manifest`, 64 * 1024),
    file('patch', `${folder}/out/patch`, 64 * 1024),
    file('config-diff', `${folder}/out/config-diff`, MIB),
    file('log', `${folder}/log`, 64 * MIB),
  ];
}
