/** /proc/net/sockstat and sockstat6: sockets in use, orphans, TIME_WAIT and memory (net/ipv4/proc.c). */

export interface Sockstat {
  /** All kinds of sockets of this network namespace. */
  readonly used: number;
  /** IPv4 and IPv6 TCP sockets in use in this network namespace. */
  readonly tcpInUse: number;
  /** TIME_WAIT mini-sockets, orphaned FIN_WAIT_2 included. */
  readonly timeWait: number;
  /** Host-wide, not per namespace. */
  readonly orphans: number;
  /** Host-wide. */
  readonly allocated: number;
  /** Pages of socket buffers, host-wide. */
  readonly memoryPages: number;
}
