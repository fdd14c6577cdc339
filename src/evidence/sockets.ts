/** The TCP socket table, aggregated on the host in one awk pass over /proc/net/tcp and tcp6 (Documentation/networking/proc_net_tcp). */

export const TCP_STATES = [
  'established',
  'syn-sent',
  'syn-recv',
  'fin-wait-1',
  'fin-wait-2',
  'time-wait',
  'close',
  'close-wait',
  'last-ack',
  'listen',
  'closing',
  'new-syn-recv',
] as const;

export type TcpState = (typeof TCP_STATES)[number];

export interface Sockets {
  /**
   * `all`: every socket was counted. `transient`: the table was too large to read twice, so this second look left out
   * established and time-wait sockets; their counts are absent, not zero.
   */
  readonly coverage: 'all' | 'transient';
  /** Sockets by state; a state with no socket is 0. */
  readonly states: Readonly<Record<TcpState, number>>;
  /** Ports with a listening socket, ascending. */
  readonly listeningPorts: readonly number[];
  /** Sockets whose local port has a listener, by that port, busiest first. */
  readonly inbound: readonly InboundPort[];
  /** Sockets whose local port has no listener, by (source, destination, port), busiest first. */
  readonly outbound: readonly Destination[];
  /** Outbound sockets by source address, busiest first. */
  readonly sources: readonly SourceAddress[];
  /** Seconds left on the TIME_WAIT timers; null when there is no TIME_WAIT socket or coverage is `transient`. */
  readonly timeWaitTimer: { readonly min: number; readonly max: number } | null;
  /** FIN_WAIT_2 by its timer: time-wait mini-sockets, full orphans (keepalive timer), and sockets an application still holds. */
  readonly finWait2: { readonly miniSockets: number; readonly orphans: number; readonly held: number };
  /** CLOSE_WAIT by local port and peer, most first. `unread`: those with unread bytes. `unaccepted`: no owner yet (inode 0). */
  readonly closeWait: readonly CloseWaitGroup[];
  /** Groups that did not fit in the lists above; their sockets are still in `states`. */
  readonly omitted: {
    readonly inbound: number;
    readonly outbound: number;
    readonly sources: number;
    readonly closeWait: number;
  };
}

export interface InboundPort {
  readonly port: number;
  readonly total: number;
  readonly established: number;
  readonly timeWait: number;
  readonly synRecv: number;
  readonly closeWait: number;
  readonly finWait2: number;
}

export interface Destination {
  /** IPv4-mapped IPv6 addresses are given as IPv4. */
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  /** Every state but LISTEN. */
  readonly total: number;
  /** Of `total`, those whose local port lies in ip_local_port_range. */
  readonly inRange: number;
  /** Of `inRange`, those with an odd local port. */
  readonly odd: number;
  readonly established: number;
  /** Of `established`, those with a keepalive timer running. */
  readonly keepalive: number;
  readonly timeWait: number;
  /** TIME_WAIT whose timer has more than 50 s left: made in the last 10 s where TIME_WAIT lasts 60 s. */
  readonly timeWaitYoung: number;
  /** TIME_WAIT whose timer has less than 10 s left: ports that come free in the next 10 s. */
  readonly timeWaitOld: number;
  readonly synSent: number;
  /** Of `synSent`, those that have sent their SYN again at least once. */
  readonly synSentRetransmitted: number;
  readonly closeWait: number;
}

export interface SourceAddress {
  readonly address: string;
  /** Distinct local ports in ip_local_port_range in use by outbound sockets of this address. */
  readonly distinctPorts: number;
  /** Of those, odd ones. */
  readonly oddPorts: number;
  readonly sockets: number;
}

export interface CloseWaitGroup {
  readonly localPort: number;
  readonly peer: string;
  readonly peerPort: number | null;
  readonly inbound: boolean;
  readonly sockets: number;
  readonly unread: number;
  readonly unaccepted: number;
}
