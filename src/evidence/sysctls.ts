/** The sysctls a diagnosis may ask for, each read from /proc/sys; absent files are told apart from unreadable ones. */
import type { Source } from '#domain/evidence.ts';
import { absent, garbled, type Reading, read, unreadable } from '#domain/reading.ts';
import { fragment } from './fragment.ts';
import { eachLine } from './lines.ts';
import { type PortRange, parsePorts } from './port-ranges.ts';

/** How a value is written: one integer, two, three, a port list, or text. */
const SHAPES = {
  'net.ipv4.ip_local_port_range': 'pair',
  'net.ipv4.ip_local_reserved_ports': 'ports',
  'net.ipv4.ip_unprivileged_port_start': 'integer',
  'net.ipv4.tcp_tw_reuse': 'integer',
  'net.ipv4.tcp_tw_reuse_delay': 'integer',
  'net.ipv4.tcp_tw_recycle': 'integer',
  'net.ipv4.tcp_tw_timeout': 'integer',
  'net.ipv4.tcp_timestamps': 'integer',
  'net.ipv4.tcp_fin_timeout': 'integer',
  'net.ipv4.tcp_max_tw_buckets': 'integer',
  'net.ipv4.tcp_max_syn_backlog': 'integer',
  'net.ipv4.tcp_syncookies': 'integer',
  'net.ipv4.tcp_synack_retries': 'integer',
  'net.ipv4.tcp_syn_retries': 'integer',
  'net.ipv4.tcp_syn_linear_timeouts': 'integer',
  'net.ipv4.tcp_abort_on_overflow': 'integer',
  'net.ipv4.tcp_rfc1337': 'integer',
  'net.ipv4.tcp_keepalive_time': 'integer',
  'net.ipv4.tcp_keepalive_intvl': 'integer',
  'net.ipv4.tcp_keepalive_probes': 'integer',
  'net.ipv4.tcp_orphan_retries': 'integer',
  'net.ipv4.tcp_max_orphans': 'integer',
  'net.ipv4.tcp_challenge_ack_limit': 'integer',
  'net.ipv4.tcp_mem': 'triple',
  'net.ipv4.tcp_rmem': 'triple',
  'net.ipv4.tcp_wmem': 'triple',
  'net.core.somaxconn': 'integer',
  'net.core.netdev_max_backlog': 'integer',
  'net.netfilter.nf_conntrack_max': 'integer',
  'net.netfilter.nf_conntrack_buckets': 'integer',
  'net.netfilter.nf_conntrack_tcp_timeout_established': 'integer',
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 'integer',
  'net.netfilter.nf_conntrack_tcp_be_liberal': 'integer',
  'fs.file-max': 'integer',
  'fs.nr_open': 'integer',
  'kernel.threads-max': 'integer',
  'kernel.pid_max': 'integer',
} as const;

interface ShapeValues {
  integer: number;
  pair: readonly [number, number];
  triple: readonly [number, number, number];
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
  script: `SYSCTL_PATHS='${SYSCTL_KEYS.map(pathOf).join(' ')}'\n${fragment('sysctls')}`,
  limit: 0,
  parse: parseSysctls,
};

function pathOf(key: SysctlKey): string {
  return key.replaceAll('.', '/');
}

const KEYS_BY_PATH: ReadonlyMap<string, SysctlKey> = new Map(SYSCTL_KEYS.map((key) => [pathOf(key), key]));

/** `net/ipv4/x:VALUE` for what was read; grep's own complaint, `grep: net/ipv4/x: WHY`, for what was not. */
export function parseSysctls(text: string): Reading<Sysctls> {
  const readings: Partial<Record<SysctlKey, Reading<unknown>>> = {};
  const trouble = eachLine(text, (_, line, number) => {
    const complaint = line.startsWith('grep: ');
    const said = complaint ? line.slice('grep: '.length) : line;
    const colon = said.indexOf(':');
    const key = KEYS_BY_PATH.get(said.slice(0, Math.max(colon, 0)));
    if (key === undefined) return false;
    const rest = said.slice(colon + 1);
    const value = complaint ? undefined : parseSysctlValue(key, rest);
    readings[key] = complaint ? missing(key, rest) : value === undefined ? garbled(number, line) : read(value);
    return true;
  });
  if (trouble !== undefined) return trouble;
  const all = SYSCTL_KEYS.map((key) => [key, readings[key] ?? unreadable('not-collected', key)]);
  return read(Object.fromEntries(all) as unknown as Sysctls);
}

function missing(key: SysctlKey, why: string): Reading<never> {
  if (why.includes('No such file')) return absent(key);
  return unreadable(why.includes('Permission denied') ? 'no-permission' : 'failed', key);
}

/** The value of a sysctl as its key shapes it; undefined when it has another shape. Also for values set in files. */
export function parseSysctlValue<K extends SysctlKey>(key: K, text: string): SysctlValue<K> | undefined {
  return parseShape(SHAPES[key], text.trim()) as SysctlValue<K> | undefined;
}

function parseShape(shape: keyof ShapeValues, text: string): unknown {
  if (shape === 'ports') return parsePorts(text);
  const numbers = text.split(/\s+/).map((word) => (/^-?\d{1,19}$/.test(word) ? Number(word) : undefined));
  if (numbers.includes(undefined)) return undefined;
  const count = { integer: 1, pair: 2, triple: 3 }[shape];
  if (numbers.length !== count) return undefined;
  return shape === 'integer' ? numbers[0] : numbers;
}
