/** The plan of a kernel build for tests. */
import type { KernelPlan } from '#kinds/kernel/plan.ts';

export const KERNEL_PLAN: KernelPlan = {
  host: 'web-01',
  builder: 'builder-01',
  risk: 'high',
  seconds: 15,
  recipe: 'deb',
  release: '6.1.0-50-amd64',
  arch: 'x86_64',
  source: { package: 'linux-source-6.1', version: '6.1.192-3', url: null },
  config: 'running',
  configSha: 'c'.repeat(64),
  modules: [],
  missing: [],
  facts: {},
};
