/** Listening sockets and their accept queues: ss(8) -ltn, or /proc/net/tcp where there is no ss. */

export interface Listener {
  /** `*` for any address. */
  readonly address: string;
  readonly port: number;
  /** Connections waiting to be accepted. */
  readonly waiting: number;
  /** The queue's cap, min(listen() backlog, somaxconn); null where it cannot be seen (/proc, or ss without tcp_diag). It holds cap + 1. */
  readonly cap: number | null;
}

export interface Listeners {
  readonly listeners: readonly Listener[];
  readonly omitted: number;
}
