/** Who answered: kernel, distribution, boot, network namespace, processors and memory. */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { eachLine } from './lines.ts';

export interface HostFacts {
  readonly hostname: string;
  /** `uname -r` */
  readonly kernel: string;
  /** `uname -m` */
  readonly machine: string;
  /** From os-release; null on systems without it. */
  readonly distribution: { readonly id: string; readonly version: string; readonly name: string } | null;
  /** /proc/sys/kernel/random/boot_id: another one means the host rebooted. */
  readonly bootId: string;
  /** Seconds since boot when this sample was taken, by the host's clock. */
  readonly uptime: number;
  /** Inode of the collector's network namespace; null before Linux 3.0 (no /proc/self/ns/net). */
  readonly netns: string | null;
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  /** Who built the kernel, from /proc/version: `user@machine`. */
  readonly kernelBuilder: string | null;
}

const KERNEL = '/proc/sys/kernel/';
const RELEASE_FILES = ['/etc/redhat-release', '/etc/system-release'];
/** The later one counts, which on most systems is a link to the other. */
const OS_RELEASE_FILES = ['/usr/lib/os-release', '/etc/os-release'];

export const host: Source<HostFacts> = {
  name: 'host',
  cadence: 'each',
  files: [
    { under: KERNEL, paths: ['hostname'], label: 'hostname ' },
    { under: KERNEL, paths: ['osrelease'], label: 'kernel ' },
    { paths: ['uname'], label: 'machine ', how: 'look' },
    { under: KERNEL, paths: ['random/boot_id'], label: 'boot-id ' },
    { paths: ['/proc/uptime'], label: 'uptime ' },
    { paths: ['/proc/version'], label: 'version ' },
    { paths: ['/proc/self/ns/net'], label: 'netns ', how: 'look' },
    { paths: ['/proc/self/status'], keep: '^Cpus_allowed_list' },
    { paths: ['/sys/devices/system/cpu/online'], label: 'online ' },
    { paths: ['/proc/meminfo'], keep: '^MemTotal' },
    { paths: RELEASE_FILES, label: 'release ' },
    { paths: OS_RELEASE_FILES, keep: '^(ID|VERSION_ID|PRETTY_NAME)=' },
  ],
  parse: parseHost,
};

/** Rules compare the first two numbers. */
const RELEASE = /^\d{1,3}\.\d{1,5}(?:[^\d]|$)/;
const BOOT_ID = /^[\da-f-]{1,40}$/i;
/** Seconds and hundredths; nine digits are thirty years. */
const UPTIME = /^\d{1,9}(?:\.\d{1,2})?$/;
const NETNS = /^net:\[(\d{1,20})\]$/;

/** /proc/version is the longest, some 200. */
const LONGEST_LINE = 1000;

export function parseHost(text: string): Reading<HostFacts> {
  const said: Record<string, string> = {};
  const trouble = eachLine(text, (_, line) => {
    const text = line.trim();
    // What comes after the first word is not matched: blanks before a line break within it can be tried in too many ways.
    const [name] = /^[A-Za-z_-]{1,40}(?=[ =:]|$)/.exec(text) ?? [];
    if (name === undefined || text.length > LONGEST_LINE) return false;
    said[name] = text
      .slice(name.length + 1)
      .trim()
      .replaceAll(/^"|"$/g, '')
      .trim();
    return true;
  });
  if (trouble !== undefined) return trouble;
  const { hostname = '', kernel = '', 'boot-id': bootId = '', uptime: up = '', netns = '' } = said;
  // In recordings of earlier versions without the second number, of seconds spent idle.
  const [uptime = ''] = up.split(' ');
  if (hostname === '' || !BOOT_ID.test(bootId) || !UPTIME.test(uptime))
    return garbled(1, 'no hostname, boot id or uptime');
  if (!RELEASE.test(kernel)) return garbled(1, `kernel ${kernel}`);
  if (netns !== '' && !NETNS.test(netns)) return garbled(1, `netns ${netns}`);
  return read({
    hostname,
    kernel,
    machine: said['machine'] ?? '',
    distribution: distribution(said),
    bootId,
    uptime: Number(uptime),
    netns: NETNS.exec(netns)?.[1] ?? null,
    cpus: processors(said),
    memoryBytes: kibibytes(said['MemTotal']),
    kernelBuilder: /^Linux version \S+ \(([^()\s]+)\)/.exec(said['version'] ?? '')?.[1] ?? null,
  });
}

function distribution(said: Readonly<Record<string, string>>): HostFacts['distribution'] {
  const { ID: id, VERSION_ID: version = '', PRETTY_NAME: name } = said;
  if (id !== undefined) return { id, version, name: name ?? `${id} ${version}` };
  // Before os-release: "CentOS release 6.10 (Final)".
  const { release = '' } = said;
  const [before = '', after = ''] = release.split(' release ', 2);
  const [[vendor] = [], [number] = []] = [/^\w+/.exec(before) ?? [], /^\S+/.exec(after) ?? []];
  return vendor === undefined || number === undefined
    ? null
    : { id: vendor.toLowerCase(), version: number, name: release };
}

/** How many may be used. Where processors may be added, those that are not there yet are allowed too. */
function processors(said: Readonly<Record<string, string>>): number | null {
  // In recordings of earlier versions.
  if (said['cpus'] !== undefined) return positive(said['cpus']);
  const [allowed, online] = [counted(said['Cpus_allowed_list']), counted(said['online'])];
  return allowed === null || online === null ? (allowed ?? online) : Math.min(allowed, online);
}

/** "0-2,4" is four processors. */
function counted(list: string | undefined): number | null {
  if (list === undefined || !/^\d{1,5}(?:[-,]\d{1,5})*$/.test(list)) return null;
  const lengths = list.split(',').map((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Math.max(last - first + 1, 0);
  });
  return lengths.reduce((sum, length) => sum + length) || null;
}

function positive(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

function kibibytes(text: string | undefined): number | null {
  const amount = positive(/^(\d+) kB$/.exec(text ?? '')?.[1]);
  return amount === null ? null : amount * 1024;
}
