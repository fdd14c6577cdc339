/** The sysctls a diagnosis may ask for, each read from /proc/sys; absent files are told apart from unreadable ones. */
import type { Source } from '#domain/evidence.ts';
import { type PortRange, parsePorts } from '#domain/ports.ts';
import { absent, garbled, type Reading, read, unreadable } from '#domain/reading.ts';
import { eachLine, INT_MAX, LONG_MAX, UINT_MAX } from './lines.ts';

/**
 * How a value is written, and what its kernel type can hold. `int`: proc_dointvec, most of whose keys take a negative
 * number and print it again (tcp_max_tw_buckets, tcp_fin_timeout); `natural`: an int that no kernel lets go below 0.
 */
const SHAPES = {
  'net.ipv4.ip_local_port_range': 'range',
  'net.ipv4.ip_local_reserved_ports': 'ports',
  'net.ipv4.ip_unprivileged_port_start': 'port',
  'net.ipv4.tcp_tw_reuse': 'int',
  'net.ipv4.tcp_tw_reuse_delay': 'unsigned',
  'net.ipv4.tcp_tw_recycle': 'int',
  'net.ipv4.tcp_tw_timeout': 'int',
  'net.ipv4.tcp_timestamps': 'int',
  'net.ipv4.tcp_fin_timeout': 'int',
  'net.ipv4.tcp_max_tw_buckets': 'int',
  'net.ipv4.tcp_max_syn_backlog': 'int',
  'net.ipv4.tcp_syncookies': 'int',
  'net.ipv4.tcp_synack_retries': 'int',
  'net.ipv4.tcp_syn_retries': 'int',
  'net.ipv4.tcp_syn_linear_timeouts': 'int',
  'net.ipv4.tcp_abort_on_overflow': 'int',
  'net.ipv4.tcp_rfc1337': 'int',
  'net.ipv4.tcp_keepalive_time': 'int',
  'net.ipv4.tcp_keepalive_intvl': 'int',
  'net.ipv4.tcp_keepalive_probes': 'int',
  'net.ipv4.tcp_orphan_retries': 'int',
  'net.ipv4.tcp_max_orphans': 'int',
  'net.ipv4.tcp_challenge_ack_limit': 'int',
  'net.ipv4.tcp_mem': 'longs',
  'net.ipv4.tcp_rmem': 'ints',
  'net.ipv4.tcp_wmem': 'ints',
  'net.core.somaxconn': 'natural',
  'net.core.netdev_max_backlog': 'int',
  'net.netfilter.nf_conntrack_max': 'natural',
  'net.netfilter.nf_conntrack_buckets': 'unsigned',
  'net.netfilter.nf_conntrack_tcp_timeout_established': 'int',
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 'int',
  'net.netfilter.nf_conntrack_tcp_be_liberal': 'int',
  'fs.file-max': 'long',
  'fs.nr_open': 'unsigned',
  'kernel.threads-max': 'natural',
  'kernel.pid_max': 'natural',
} as const;

type Triple = readonly [number, number, number];

interface ShapeValues {
  int: number;
  natural: number;
  unsigned: number;
  long: number;
  port: number;
  range: readonly [first: number, last: number];
  ints: Triple;
  longs: Triple;
  /** As mergePorts gives them. */
  ports: readonly PortRange[];
}

export type SysctlKey = keyof typeof SHAPES;
export type SysctlValue<K extends SysctlKey> = ShapeValues[(typeof SHAPES)[K]];

/** Each key's own reading: a file may be absent on this kernel, or unreadable, while the others are read. */
export type Sysctls = Readonly<Record<SysctlKey, Reading<unknown>>>;

export const SYSCTL_KEYS = Object.keys(SHAPES) as readonly SysctlKey[];

export const sysctls: Source<Sysctls> = {
  name: 'sysctls',
  cadence: 'first',
  files: [{ under: '/proc/sys/', paths: SYSCTL_KEYS.map(pathOf), label: '@:', how: 'tell' }],
  parse: parseSysctls,
};

function pathOf(key: SysctlKey): string {
  return key.replaceAll('.', '/');
}

const KEYS_BY_PATH: ReadonlyMap<string, SysctlKey> = new Map(SYSCTL_KEYS.map((key) => [pathOf(key), key]));

/** `net/ipv4/x:VALUE` for what was read; `absent net/ipv4/x`, `no-permission` or `failed` for what was not. */
export function parseSysctls(text: string): Reading<Sysctls> {
  const readings: Partial<Record<SysctlKey, Reading<unknown>>> = {};
  const trouble = eachLine(text, ([first = '', second = ''], line, number) => {
    if (isTrouble(first)) return note(second, (key) => (first === 'absent' ? absent(key) : unreadable(first, key)));
    // In recordings of earlier versions: grep's own complaint.
    if (first === 'grep:') return note(second.slice(0, -1), (key) => missing(key, line));
    const colon = Math.max(line.indexOf(':'), 0);
    return note(line.slice(0, colon), (key) => {
      const value = parseSysctlValue(key, line.slice(colon + 1));
      return value === undefined ? garbled(number, line) : read(value);
    });
  });
  function note(path: string, reading: (key: SysctlKey) => Reading<unknown>): boolean {
    const key = KEYS_BY_PATH.get(path);
    if (key !== undefined) readings[key] = reading(key);
    return key !== undefined;
  }
  if (trouble !== undefined) return trouble;
  const all = SYSCTL_KEYS.map((key) => [key, readings[key] ?? unreadable('not-collected', key)]);
  return read(Object.fromEntries(all) as unknown as Sysctls);
}

function isTrouble(word: string): word is 'absent' | 'no-permission' | 'failed' {
  return word === 'absent' || word === 'no-permission' || word === 'failed';
}

function missing(key: SysctlKey, why: string): Reading<never> {
  if (why.includes('No such file')) return absent(key);
  return unreadable(why.includes('Permission denied') ? 'no-permission' : 'failed', key);
}

/** The value of a sysctl as its key shapes it; undefined when it has another shape. Also for values set in files. */
export function parseSysctlValue<K extends SysctlKey>(key: K, text: string): SysctlValue<K> | undefined {
  return parseShape(SHAPES[key], text.trim()) as SysctlValue<K> | undefined;
}

/** For each shape how many numbers there are, and between which two each of them lies. */
const NUMBERS: Readonly<
  Record<Exclude<keyof ShapeValues, 'ports'>, readonly [length: number, least: number, most: number]>
> = {
  int: [1, -(2 ** 31), INT_MAX],
  natural: [1, 0, INT_MAX],
  unsigned: [1, 0, UINT_MAX],
  long: [1, 0, LONG_MAX],
  port: [1, 0, 65_535],
  range: [2, 1, 65_535],
  ints: [3, -(2 ** 31), INT_MAX],
  longs: [3, 0, LONG_MAX],
};

function parseShape(shape: keyof ShapeValues, text: string): unknown {
  if (shape === 'ports') return parsePorts(text);
  const [length, least, most] = NUMBERS[shape];
  const words = text.split(/\s+/);
  const numbers = words.map(Number);
  const isTyped = numbers.every((number) => number >= least && number <= most);
  if (numbers.length !== length || !isTyped || !words.every((word) => /^-?\d{1,20}$/.test(word))) return undefined;
  // The kernel takes no range that ends before it begins (ipv4_local_port_range).
  if (shape === 'range' && Number(numbers[0]) > Number(numbers[1])) return undefined;
  return length === 1 ? numbers[0] : numbers;
}
