/** Which recipe builds a target's kernel, and from which source: that of the kernel that runs there, and of no other. Pure. */
import type { KernelPlan, RECIPES } from './plan.ts';
import type { BuilderFacts, Source, TargetFacts } from './preflight-answer.ts';

type Recipe = (typeof RECIPES)[number];

/** By os-release. Undefined for a distribution without a recipe. */
export function recipeOf({ os }: Pick<TargetFacts, 'os'>): Recipe | undefined {
  if (os === null) return undefined;
  if (os.id === 'debian' || os.id === 'ubuntu') return 'deb';
  if (os.id === 'amzn') return 'amzn';
  return ENTERPRISE_LINUX.includes(os.id) ? EL[Number.parseInt(os.version, 10)] : undefined;
}

const ENTERPRISE_LINUX: readonly string[] = ['rhel', 'centos', 'ol', 'rocky', 'almalinux'];
const EL: Readonly<Record<number, Recipe>> = { 6: 'el6', 7: 'el7', 8: 'el8', 9: 'el9' };

export type Chosen =
  | { readonly kind: 'source'; readonly source: KernelPlan['source']; readonly isExact: boolean }
  /** `has`: what there is instead. */
  | { readonly kind: 'none'; readonly has: readonly Source[] };

/** `url` null = the distribution's own. */
export function chooseSource(target: TargetFacts, { sources }: BuilderFacts, url: string | null): Chosen {
  const wanted = runningSource(target);
  if (recipeOf(target) !== 'deb') return fromRpm(wanted, url);
  const kernels = sources.filter(({ package: name }) => /^linux-source-\d/.test(name));
  const exact = kernels.find(({ version }) => version === wanted?.version);
  const near = exact ?? kernels.find(({ version }) => isSameUpstream(version, wanted?.version, target));
  if (near === undefined) return { kind: 'none', has: kernels };
  return { kind: 'source', source: { ...near, url: null }, isExact: near === exact };
}

function fromRpm(wanted: Source | null, url: string | null): Chosen {
  if (wanted === null) return { kind: 'none', has: [] };
  if (url === null) return { kind: 'source', source: { ...wanted, url }, isExact: true };
  const file = url.slice(url.lastIndexOf('/') + 1);
  const given = sourceOfRpm(file);
  if (given?.package === wanted.package && given.version === wanted.version)
    return { kind: 'source', source: { ...wanted, url }, isExact: true };
  return { kind: 'none', has: given === null ? [] : [given] };
}

/** The source of the kernel that runs, whatever is installed beside it; null when the host does not say. */
export function runningSource(target: TargetFacts): Source | null {
  if (recipeOf(target) === 'deb') return runningDeb(target);
  const { package: installed } = target;
  const source = installed?.source == null ? null : sourceOfRpm(installed.source);
  return source === null ? null : { ...source, version: withoutOurs(source.version) };
}

/** `uname -v` of Debian names the version that runs; the package on disk may be newer. */
function runningDeb({ kernelText, package: installed, release }: TargetFacts): Source | null {
  const said = /\bDebian (\d[A-Za-z0-9.+~-]{0,60})/.exec(kernelText)?.[1];
  const version = said ?? installed?.version ?? /^\d+\.\d+\.\d+/.exec(release ?? '')?.[0];
  return version === undefined
    ? null
    : { package: installed?.name ?? 'linux', version: version.replace(/\+b\d+$/, '') };
}

/** `kernel-5.14.0-503.11.1.el9_5.src.rpm` */
function sourceOfRpm(file: string): Source | null {
  const [, name, version] = /^([A-Za-z][A-Za-z0-9+_.-]*?)-(\d[^-]*-[^-]+)\.src\.rpm$/.exec(file) ?? [];
  return name === undefined || version === undefined ? null : { package: name, version };
}

/** A kernel of an earlier change is built again from the source of that one's. */
function withoutOurs(version: string): string {
  return version.replace(/\.tw\d{1,2}\.[a-z2-7]{8}/, '');
}

/** Ubuntu gives all kernels of a release the same upstream version: there the rest says which one it is. */
function isSameUpstream(version: string, wanted: string | undefined, { os }: TargetFacts): boolean {
  return os?.id === 'debian' && wanted !== undefined && upstream(version) === upstream(wanted);
}

function upstream(version: string): string {
  return version.replace(/-[^-]*$/, '');
}
