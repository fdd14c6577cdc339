import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canBeBound } from '#change/bound.ts';
import { KERNEL_PLAN } from '../../../test/bot/kernel-plan.ts';
import { kernelLines } from './order-text.ts';
import { readPlan } from './plan.ts';

const RPM = {
  ...KERNEL_PLAN,
  recipe: 'el9',
  release: '5.14.0-503.11.1.el9_5.x86_64',
  source: { package: 'kernel', version: '5.14.0-503.11.1.el9_5', url: null },
  configSha: null,
};

it.each([
  ['of Debian', KERNEL_PLAN],
  ['of Enterprise Linux', RPM],
  ['with an address', { ...RPM, source: { ...RPM.source, url: 'https://vault.example/9/kernel-5.14.0-503.src.rpm' } }],
  ['with modules', { ...KERNEL_PLAN, config: 'modules', modules: ['ena', 'nvme_core'] }],
  ['with what the builder lacks', { ...KERNEL_PLAN, missing: ['libelf-dev', 'g++'] }],
])('reads a plan %s', (_, plan) => {
  expect(readPlan(structuredClone(plan))).toEqual({ plan });
});

it.each([
  ['4 s', { ...KERNEL_PLAN, seconds: 4 }],
  ['61 s', { ...KERNEL_PLAN, seconds: 61 }],
  ['half a second', { ...KERNEL_PLAN, seconds: 15.5 }],
  ['a lower risk', { ...KERNEL_PLAN, risk: 'low' }],
  ['a release that is a path', { ...KERNEL_PLAN, release: '../6.1' }],
  ['a release that is an option', { ...KERNEL_PLAN, release: '-6.1' }],
  ['a source over http', { ...RPM, source: { ...RPM.source, url: 'http://vault.example/k.src.rpm' } }],
  ['a source with a password', { ...RPM, source: { ...RPM.source, url: 'https://a:b@vault.example/k.src.rpm' } }],
  ['an address for Debian', { ...KERNEL_PLAN, source: { ...KERNEL_PLAN.source, url: 'https://a.example/k.src.rpm' } }],
  ['no config for Debian', { ...KERNEL_PLAN, configSha: null }],
  ['a config for rpm', { ...RPM, configSha: 'c'.repeat(64) }],
  ['modules for rpm', { ...RPM, config: 'modules', modules: ['ena'] }],
  ['modules that nothing asks for', { ...KERNEL_PLAN, modules: ['ena'] }],
  ['no modules', { ...KERNEL_PLAN, config: 'modules' }],
  ['a package that is an option', { ...KERNEL_PLAN, missing: ['-o'] }],
  ['a package of two words', { ...KERNEL_PLAN, missing: ['gcc make'] }],
  ['a host that is none', { ...KERNEL_PLAN, builder: 'a b' }],
])('refuses a plan with %s', (_, plan) => {
  expect(readPlan(plan)).toHaveProperty('why');
});

it('never throws for what a record holds, and each plan that it reads can be bound', () => {
  const field = fc.constantFrom(...(Object.keys(KERNEL_PLAN) as (keyof typeof KERNEL_PLAN)[]));
  fc.assert(
    fc.property(field, fc.anything(), (name, value) => {
      const read = readPlan({ ...KERNEL_PLAN, [name]: value });
      if ('plan' in read) expect(kernelLines(read.plan).flat().every(canBeBound)).toBe(true);
    }),
  );
});

it('binds everything that either host acts on', () => {
  const others = {
    builder: 'builder-02',
    seconds: 16,
    recipe: 'el9',
    release: '6.1.0-51-amd64',
    arch: 'aarch64',
    source: { ...KERNEL_PLAN.source, version: '6.1.193-1' },
    config: 'modules',
    configSha: 'd'.repeat(64),
    modules: ['ena'],
    missing: ['gcc'],
  } as const;
  const lines = (plan: typeof KERNEL_PLAN) => kernelLines(plan).join('\n');
  for (const [name, value] of Object.entries(others))
    expect(lines({ ...KERNEL_PLAN, [name]: value }), name).not.toBe(lines(KERNEL_PLAN));
});
