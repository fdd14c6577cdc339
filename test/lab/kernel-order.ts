/** Orders for the kernel helper as tests give them, and the manifests that they bind. */
import { type Bound, boundText, hashOf } from '#change/bound.ts';
import { kernelLines } from '#kinds/kernel/order-text.ts';
import type { KernelPlan } from '#kinds/kernel/plan.ts';

export const KERNEL_PLAN: KernelPlan = {
  host: 'web-01',
  builder: 'builder-01',
  risk: 'high',
  seconds: 15,
  recipe: 'deb',
  release: '6.1.0-28-amd64',
  arch: 'x86_64',
  source: { package: 'linux-source-6.1', version: '6.1.119-1', url: null },
  config: 'running',
  configSha: 'c'.repeat(64),
  modules: [],
  missing: [],
  facts: {},
};

/** As the build names it. */
export function releaseOf(id: string, seconds = KERNEL_PLAN.seconds): string {
  return `6.1.119-tw${seconds}-${id}`;
}

interface Details extends Partial<Bound> {
  readonly plan?: Partial<KernelPlan>;
}

/** What is bound, for ten minutes on trial, good for an hour. */
export function kernelText(
  gate: 'prepare' | 'install' | 'boot' | 'keep' | 'rollback',
  change: string,
  { plan, ...details }: Details = {},
): string {
  return boundText({
    change,
    kind: 'kernel',
    gate,
    host: 'web-01',
    hostKey: null,
    risk: 'high',
    revertSeconds: 600,
    requester: 'slack:U0ALICE',
    breakGlass: false,
    expiresAt: new Date(Date.now() + 3_600_000),
    reverts: null,
    artefact: null,
    lines: kernelLines({ ...KERNEL_PLAN, ...plan }),
    ...details,
  });
}

export interface ManifestFile {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

interface Made extends Partial<KernelPlan> {
  /** The release of the new kernel. */
  readonly built?: string;
}

/** Of a deb, as the runner writes it. */
export function manifestText(id: string, files: readonly ManifestFile[], made: Made = {}): string {
  const { seconds, recipe, release, source, built = releaseOf(id) } = { ...KERNEL_PLAN, ...made };
  return [
    ['tcp-oncall kernel', '1'],
    ['change', id],
    ['release', built],
    ['base', release],
    ['seconds', seconds],
    ['source', source.package, source.version, hashOf('source')],
    ['patch', hashOf('patch')],
    ['configdiff', hashOf('configdiff')],
    ['compiler', 'gcc (Debian 12.2.0-14) 12.2.0'],
    ['log', hashOf('log')],
    ['recipe', recipe],
    ...files.map(({ sha256, bytes, name }) => ['file', sha256, bytes, name]),
    ['end'],
  ]
    .map((words) => `${words.join('\t')}\n`)
    .join('');
}
