/** The sysctls a diagnosis may ask for, each read from /proc/sys; absent files are told apart from unreadable ones. */

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
  /** Inclusive ranges of ports, ascending. */
  ports: readonly PortRange[];
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export type SysctlKey = keyof typeof SHAPES;
export type SysctlValue<K extends SysctlKey> = ShapeValues[(typeof SHAPES)[K]];
