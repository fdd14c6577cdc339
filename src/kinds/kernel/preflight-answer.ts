/** Reads what preflight.sh says of a host (its header has the lines). Pure; a host may say anything, and what cannot be is not known. */
import { RECIPES } from './plan.ts';

export const ROLES = ['builder', 'target'] as const;

export type Role = (typeof ROLES)[number];

/** Null = the host did not say, or said what cannot be. Sizes in KiB. */
export interface CommonFacts {
  readonly os: { readonly id: string; readonly version: string } | null;
  /** `uname -r`, `-v` and `-m`. */
  readonly release: string | null;
  readonly kernelText: string;
  readonly arch: string | null;
  readonly account: number | null;
  readonly container: string | null;
  /** As firmware names the maker of the board. */
  readonly machine: string;
  readonly memory: number | null;
  readonly swap: number;
  readonly home: Disk;
  readonly boot: Disk;
  /** Of the program that root runs: its version, or why there is none. */
  readonly helper: number | 'none' | 'no-rights' | null;
  /** The change whose kernel is on trial there. */
  readonly trial: string | null;
}

/** Inodes are null also where the file system has no fixed number. */
export interface Disk {
  readonly free: number | null;
  readonly inodes: number | null;
}

export interface BuilderFacts extends CommonFacts {
  readonly recipe: (typeof RECIPES)[number] | 'none' | null;
  readonly missingTools: readonly string[];
  readonly missing: readonly string[];
  readonly sources: readonly Source[];
  readonly downloader: string | null;
}

export interface Source {
  readonly package: string;
  readonly version: string;
}

export interface TargetFacts extends CommonFacts {
  /** Of the running kernel. `source`: the file name of its source RPM. */
  readonly package: { readonly name: string; readonly version: string; readonly source: string | null } | null;
  readonly secureBoot: 'on' | 'off' | 'no-efi' | null;
  readonly lockdown: string | null;
  readonly signedModulesOnly: boolean;
  /** Why a kernel cannot be booted once; `-` = it can, as far as an ordinary account sees. */
  readonly oneShot: string | null;
  /** SHA-256 of the running kernel's config in /boot. */
  readonly config: string | null;
  readonly modules: readonly string[];
  readonly hasMoreModules: boolean;
  /** Loaded, and not from the kernel's source; or built anew for each kernel by DKMS. */
  readonly outOfTree: readonly string[];
  /** net.ipv4.tcp_tw_timeout: seconds, or that this kernel has none. */
  readonly twTimeout: number | 'none' | null;
  readonly finTimeout: number | null;
}

const MOST_LINES = 2000;
const LONGEST_LINE = 400;

/** Undefined when it is not whole, or not of the version that we read. */
export function readBuilder(text: string, word: string): BuilderFacts | undefined {
  const said = linesOf(text, word);
  if (said === undefined) return undefined;
  return {
    ...commonFacts(said),
    recipe: oneOf([...RECIPES, 'none'] as const, first(said, 'recipe')),
    missingTools: words(said, 'tool-missing', NAME),
    missing: words(said, 'missing', NAME),
    sources: (said.get('source') ?? []).flatMap(sourceIn),
    downloader: match(first(said, 'downloader'), /^[a-z]{1,20}$/),
  };
}

/** The same. */
export function readTarget(text: string, word: string): TargetFacts | undefined {
  const said = linesOf(text, word);
  if (said === undefined) return undefined;
  const tainted = (said.get('module') ?? []).flatMap((line) => /^(\S+) [A-Z]*O/.exec(line)?.[1] ?? []);
  const dkms = words(said, 'dkms', NAME);
  return {
    ...commonFacts(said),
    package: packageIn(first(said, 'package')),
    secureBoot: oneOf(['on', 'off', 'no-efi'] as const, first(said, 'secure-boot')),
    lockdown: match(first(said, 'lockdown'), /^[a-z]{1,20}$/),
    signedModulesOnly: first(said, 'signed-modules-only') === 'yes',
    oneShot: oneShotIn(first(said, 'one-shot')),
    config: match(first(said, 'config'), /^[0-9a-f]{64}$/),
    modules: words(said, 'module', MODULE),
    hasMoreModules: said.has('modules-more'),
    outOfTree: [...new Set([...dkms, ...tainted])].filter((name) => NAME.test(name)),
    twTimeout: first(said, 'tw-timeout') === 'none' ? 'none' : whole(first(said, 'tw-timeout')),
    finTimeout: whole(first(said, 'fin-timeout')),
  };
}

type Said = ReadonlyMap<string, readonly string[]>;

/** What is said of each fact, in order. What stands before our lines is a login banner's. */
function linesOf(text: string, word: string): Said | undefined {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${word} `))
    .slice(0, MOST_LINES)
    .map((line) => line.slice(word.length + 1, word.length + LONGEST_LINE).trim());
  if (lines[0] !== 'preflight 1' || lines.at(-1) !== 'end') return undefined;
  const said = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value] = /^([a-z-]+)(?: (.*))?$/.exec(line) ?? [];
    if (name === undefined) continue;
    const values = said.get(name) ?? [];
    values.push(value ?? '');
    said.set(name, values);
  }
  return said;
}

function commonFacts(said: Said): CommonFacts {
  const [, id, version] = /^([a-z]+) ([0-9.]+)$/.exec(first(said, 'os')) ?? [];
  const helper = first(said, 'helper');
  return {
    os: id === undefined || version === undefined ? null : { id, version },
    release: match(first(said, 'kernel'), /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,63}$/),
    kernelText: printable(first(said, 'kernel-text')),
    arch: match(first(said, 'arch'), /^[a-z0-9_]{1,20}$/),
    account: whole(first(said, 'account')),
    container: match(first(said, 'container'), /^[a-z-]{1,40}$/),
    machine: printable(first(said, 'machine')),
    memory: whole(first(said, 'memory').split(' ')[0]),
    swap: whole(first(said, 'swap').split(' ')[0]) ?? 0,
    home: diskIn(said, 'home'),
    boot: diskIn(said, 'boot'),
    helper: oneOf(['none', 'no-rights'] as const, helper) ?? whole(helper),
    trial: match(first(said, 'trial'), /^[a-z2-7]{8}$/),
  };
}

/** Of packages, programs and modules. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9+._-]{0,99}$/;
const MODULE = /^[A-Za-z0-9_-]{1,64}$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+~_-]{0,99}$/;

function first(said: Said, name: string): string {
  return said.get(name)?.[0] ?? '';
}

/** The first word of each line. */
function words(said: Said, name: string, pattern: RegExp): readonly string[] {
  const all = (said.get(name) ?? []).flatMap((line) => match(line.split(' ')[0], pattern) ?? []);
  return [...new Set(all)];
}

function match(text: string | undefined, pattern: RegExp): string | null {
  return text !== undefined && text !== '-' && pattern.test(text) ? text : null;
}

function oneOf<T extends string>(known: readonly T[], text: string): T | null {
  return known.find((each) => each === text) ?? null;
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function printable(text: string): string {
  return text === '-' ? '' : text.replaceAll(/[^ -~]/g, '');
}

function diskIn(said: Said, place: string): Disk {
  const [, free, inodes] = (said.get('disk') ?? []).map((line) => line.split(' ')).find(([at]) => at === place) ?? [];
  return { free: whole(free), inodes: whole(inodes) };
}

function sourceIn(line: string): readonly Source[] {
  const [name = '', version = ''] = line.split(' ');
  return NAME.test(name) && VERSION.test(version) ? [{ package: name, version }] : [];
}

function packageIn(line: string): TargetFacts['package'] {
  const [name = '', version = '', source] = line.split(' ');
  return NAME.test(name) && VERSION.test(version) ? { name, version, source: match(source, NAME) } : null;
}

function oneShotIn(line: string): string | null {
  const [, can, why] = /^(yes|no) ([a-z-]{1,40})$/.exec(line) ?? [];
  if (can === undefined || why === undefined) return null;
  return can === 'yes' ? '-' : why;
}
