/** The lines by which a kernel change is bound; the programs on both hosts read their order from the same lines. */
import { hashOf } from '#change/bound.ts';
import type { KernelPlan } from './plan.ts';

export function kernelLines(plan: KernelPlan): readonly (readonly string[])[] {
  const { builder, seconds, recipe, release, arch, source, config, configSha, modules, missing } = plan;
  return [
    ['builder', builder],
    ['seconds', String(seconds)],
    ['recipe', recipe],
    ['release', release],
    ['arch', arch],
    ['source', source.package, source.version, source.url ?? '-'],
    ['config', config],
    ['configsha', configSha ?? '-'],
    ['modules', modules.length === 0 ? '-' : hashOf(moduleLines(modules))],
    ...missing.map((name) => ['missing', name]),
  ];
}

/** As the builder is given them, one a line. */
export function moduleLines(modules: readonly string[]): string {
  return modules.map((name) => `${name}\n`).join('');
}
