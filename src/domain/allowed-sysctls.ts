/** The only sysctls a change may write, and how far: the values that are safe on any host. The helper on the host carries the same table. */

export type Bounds =
  /** One integer. `raiseOnly`: never below what it is now. */
  | { readonly shape: 'integer'; readonly min: number; readonly max: number; readonly raiseOnly?: true }
  /** Two ports: an even first one and an odd last one, so that both parities have as many. */
  | { readonly shape: 'range'; readonly first: readonly [number, number]; readonly last: readonly [number, number] }
  /** A list of ports that has all of the old one. */
  | { readonly shape: 'ports' };

const integer = (min: number, max: number): Bounds => ({ shape: 'integer', min, max });
const raise = (max: number): Bounds => ({ shape: 'integer', min: 1, max, raiseOnly: true });

export const ALLOWED: ReadonlyMap<string, Bounds> = new Map<string, Bounds>([
  ['net.ipv4.ip_local_reserved_ports', { shape: 'ports' }],
  ['net.ipv4.ip_local_port_range', { shape: 'range', first: [10_240, 32_768], last: [60_999, 65_535] }],
  ['net.ipv4.tcp_tw_reuse', integer(0, 1)],
  ['net.ipv4.tcp_tw_reuse_delay', integer(100, 1000)],
  ['net.ipv4.tcp_tw_recycle', integer(0, 0)],
  ['net.ipv4.tcp_tw_timeout', integer(15, 60)],
  ['net.ipv4.tcp_fin_timeout', integer(10, 60)],
  ['net.ipv4.tcp_max_tw_buckets', raise(2_000_000)],
  ['net.ipv4.tcp_max_syn_backlog', integer(1024, 65_536)],
  ['net.ipv4.tcp_syncookies', integer(1, 1)],
  ['net.ipv4.tcp_synack_retries', integer(2, 5)],
  ['net.ipv4.tcp_syn_retries', integer(3, 6)],
  ['net.ipv4.tcp_abort_on_overflow', integer(0, 0)],
  ['net.ipv4.tcp_rfc1337', integer(0, 0)],
  ['net.ipv4.tcp_timestamps', integer(1, 1)],
  ['net.ipv4.tcp_keepalive_time', integer(60, 7200)],
  ['net.ipv4.tcp_keepalive_intvl', integer(10, 75)],
  ['net.ipv4.tcp_keepalive_probes', integer(3, 9)],
  ['net.core.somaxconn', integer(1024, 65_535)],
  // 320 bytes an entry: at this bound, 640 MB.
  ['net.netfilter.nf_conntrack_max', raise(2_097_152)],
  ['net.netfilter.nf_conntrack_tcp_timeout_established', integer(3600, 432_000)],
  ['net.netfilter.nf_conntrack_tcp_timeout_time_wait', integer(30, 120)],
]);

/** Whether a value may be written over `from`. Both as /proc/sys shows them, one blank between numbers. */
export function isAllowed(key: string, from: string, to: string): boolean {
  const bounds = ALLOWED.get(key);
  if (bounds === undefined) return false;
  if (bounds.shape === 'ports') return coversPorts(to, from);
  if (bounds.shape === 'integer') {
    const value = wholeNumber(to);
    if (value === undefined || value < bounds.min || value > bounds.max) return false;
    return bounds.raiseOnly !== true || value >= Number(from);
  }
  const [first, last, ...more] = to.split(' ').map(wholeNumber);
  if (first === undefined || last === undefined || more.length > 0) return false;
  const within = (value: number, [min, max]: readonly [number, number]) => value >= min && value <= max;
  return within(first, bounds.first) && within(last, bounds.last) && first % 2 === 0 && last % 2 === 1;
}

function wholeNumber(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : undefined;
}

function coversPorts(list: string, old: string): boolean {
  const [listed, before] = [portSet(list), portSet(old)];
  return listed !== undefined && before !== undefined && [...before].every((port) => listed.has(port));
}

function portSet(list: string): ReadonlySet<number> | undefined {
  const ports = new Set<number>();
  for (const part of list === '' ? [] : list.split(',')) {
    const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === undefined || first < 1 || last > 65_535 || first > last) return undefined;
    for (let port = first; port <= last; port++) ports.add(port);
  }
  return ports;
}
