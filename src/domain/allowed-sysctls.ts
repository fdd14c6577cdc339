/** The only sysctls a change may write, and how far: the values that are safe on any host. The helper on the host carries the same table. */

export type Bounds = (
  | {
      /** One integer. */
      readonly shape: 'integer';
      readonly min: number;
      readonly max: number;
      /** Which way it may go from what it is now. */
      readonly only?: 'raised' | 'lowered';
      /** Now below this there is no limit, and any other value would be a lower one. */
      readonly limitsFrom?: number;
    }
  /** Two ports, never a narrower range than now: an even first one and an odd last one, so that both parities have as many. */
  | { readonly shape: 'range'; readonly first: readonly [number, number]; readonly last: readonly [number, number] }
  /** A list of ports that has all of the old one, and leaves enough of the local port range. */
  | { readonly shape: 'ports' }
) & {
  /** The helper's version that first held the key within these bounds. */
  readonly since?: number;
};

const integer = (min: number, max: number): Bounds => ({ shape: 'integer', min, max });
/** What limits something: a lower limit cuts off what is in use. */
const raised = (min: number, max: number, limitsFrom = 0): Bounds => ({
  shape: 'integer',
  min,
  max,
  only: 'raised',
  limitsFrom,
});
/** A time that something relies on being over: a longer one may be too long for a NAT on the way, or fill a table. */
const lowered = (min: number, max: number): Bounds => ({ shape: 'integer', min, max, only: 'lowered' });

/** Ports that are enough for connect(): 68 new connections a second to each destination, at 60 s of TIME_WAIT. */
const ENOUGH_PORTS = 4096;

/**
 * How many ports of a range stay for connect(): at least half of them, and enough. Of a range that has not as many, all but
 * a sixteenth, so that its listeners can still be reserved.
 */
export function fewestPorts(all: number): number {
  return Math.max(Math.ceil(all / 2), Math.min(ENOUGH_PORTS, all - Math.floor(all / 16)));
}

export const PORT_RANGE = 'net.ipv4.ip_local_port_range';
export const RESERVED_PORTS = 'net.ipv4.ip_local_reserved_ports';

export const ALLOWED: ReadonlyMap<string, Bounds> = new Map<string, Bounds>([
  [RESERVED_PORTS, { shape: 'ports', since: 2 }],
  [PORT_RANGE, { shape: 'range', first: [10_240, 32_768], last: [60_999, 65_535], since: 2 }],
  // Off, a host that lives by it runs out of ports.
  ['net.ipv4.tcp_tw_reuse', { ...integer(1, 1), since: 2 }],
  ['net.ipv4.tcp_tw_reuse_delay', integer(100, 1000)],
  ['net.ipv4.tcp_tw_recycle', integer(0, 0)],
  // Back to what it is everywhere else.
  ['net.ipv4.tcp_tw_timeout', { ...integer(60, 60), since: 2 }],
  ['net.ipv4.tcp_fin_timeout', integer(10, 60)],
  // Below 0 it is compared as an unsigned number.
  ['net.ipv4.tcp_max_tw_buckets', { ...raised(1, 2_000_000), since: 2 }],
  ['net.ipv4.tcp_max_syn_backlog', { ...raised(1024, 65_536), since: 2 }],
  ['net.ipv4.tcp_syncookies', integer(1, 1)],
  ['net.ipv4.tcp_synack_retries', integer(2, 5)],
  ['net.ipv4.tcp_syn_retries', integer(3, 6)],
  ['net.ipv4.tcp_abort_on_overflow', integer(0, 0)],
  ['net.ipv4.tcp_rfc1337', integer(0, 0)],
  ['net.ipv4.tcp_timestamps', integer(1, 1)],
  ['net.ipv4.tcp_keepalive_time', { ...lowered(60, 7200), since: 2 }],
  ['net.ipv4.tcp_keepalive_intvl', integer(10, 75)],
  ['net.ipv4.tcp_keepalive_probes', integer(3, 9)],
  ['net.core.somaxconn', { ...raised(1024, 65_535), since: 2 }],
  // 320 bytes an entry: at this bound, 640 MB. 0 = no limit.
  ['net.netfilter.nf_conntrack_max', { ...raised(1, 2_097_152, 1), since: 2 }],
  // RFC 5382, REQ-5: no NAT forgets an idle connection before 2 h 4 min.
  ['net.netfilter.nf_conntrack_tcp_timeout_established', { ...lowered(7440, 432_000), since: 2 }],
  // The peer's TIME_WAIT: a NAT that forgets sooner hands the port out while the peer still holds it.
  ['net.netfilter.nf_conntrack_tcp_timeout_time_wait', { ...lowered(60, 120), since: 2 }],
]);

/** The oldest helper that a plan may be given to. */
export function helperNeededFor(steps: readonly { readonly key: string }[]): number {
  return Math.max(1, ...steps.map(({ key }) => ALLOWED.get(key)?.since ?? 1));
}
