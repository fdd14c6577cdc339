/** /proc/net/netstat and /proc/net/snmp: cumulative counters of this network namespace since boot, by `Group.Name`. */

/** E.g. `TcpExt.ListenOverflows`, `Tcp.OutRsts`. A counter this kernel does not have is missing. */
export type Counters = Readonly<Record<string, number>>;
