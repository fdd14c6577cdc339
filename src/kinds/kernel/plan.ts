/** The plan of a kernel build: which kernel, from which source, with which TCP_TIMEWAIT_LEN, built where and booted where. */
import { z } from 'zod';
import { parseHostName } from '#domain/host.ts';
import { facts } from '../fact-shape.ts';

/** Below 5 s the kernel handles TIME_WAIT differently, and more than 60 s needs TCP_PAWS_MSL raised too (include/net/tcp.h). */
export const SECONDS = { least: 5, most: 60 } as const;

export const RECIPES = ['deb', 'el6', 'el7', 'el8', 'el9', 'amzn'] as const;

export const ARCHITECTURES = ['x86_64', 'aarch64'] as const;

/** running: the config of the running kernel; modules: reduced to the modules that are loaded there. */
export const CONFIGS = ['running', 'modules'] as const;

const MOST_MODULES = 1000;
const MOST_MISSING = 100;
const LONGEST_URL = 500;

const host = z.string().refine((name) => parseHostName(name) !== undefined);

/** `uname -r` holds at most 64 characters (struct utsname). */
export const kernelRelease = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+~-]{0,63}$/);

/** What dpkg and rpm take as the name of a package. */
export const packageName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+._-]{0,99}$/);

/** Of a package: `6.1.192-3`, `5.14.0-503.11.1.el9_5`. */
export const packageVersion = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.+~_-]{0,99}$/);

export const moduleName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** Of a source package to fetch. */
export const sourceUrl = z
  .string()
  .max(LONGEST_URL)
  .regex(/^https:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?\/[A-Za-z0-9._~%+/-]*\.src\.rpm$/);

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const planFields = z.object({
  host,
  builder: host,
  risk: z.literal('high'),
  seconds: z.int().min(SECONDS.least).max(SECONDS.most),
  recipe: z.enum(RECIPES),
  /** Of the kernel that runs on the target when this is planned. */
  release: kernelRelease,
  arch: z.enum(ARCHITECTURES),
  /** `url` null = from the distribution's own package source. */
  source: z.object({ package: packageName, version: packageVersion, url: sourceUrl.nullable() }),
  config: z.enum(CONFIGS),
  /** SHA-256 of /boot/config-<release> on the target; null where the source package has the configs. */
  configSha: sha256.nullable(),
  /** Loaded on the target; empty unless `config` is modules. */
  modules: z.array(moduleName).max(MOST_MODULES),
  /** Packages that the builder lacks. */
  missing: z.array(packageName).max(MOST_MISSING),
  /** What the target's evidence says of cheaper ways. */
  facts,
});

export type KernelPlan = Readonly<z.infer<typeof planFields>>;

const planShape = planFields.refine(isConsistent, { message: 'contradicts itself' });

/** The config of a deb build comes from the target, that of an rpm build from its source package, which alone may have an address. */
function isConsistent({ recipe, source, config, configSha, modules }: KernelPlan): boolean {
  const isDeb = recipe === 'deb';
  return (
    isDeb === (configSha !== null) &&
    (!isDeb || source.url === null) &&
    (isDeb || config === 'running') &&
    (config === 'modules') === modules.length > 0
  );
}

export function readPlan(record: unknown): { readonly plan: KernelPlan } | { readonly why: string } {
  const parsed = planShape.safeParse(record);
  if (parsed.success) return { plan: parsed.data };
  const [first] = parsed.error.issues;
  return { why: `plan.${first?.path.join('.') ?? ''}: ${first?.message ?? ''}` };
}
