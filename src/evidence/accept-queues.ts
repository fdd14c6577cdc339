/** Accept queues looked at once a second through the interval: queues are bursty, and one look misses them. */

export interface AcceptQueue {
  readonly address: string;
  readonly port: number;
  /** null where the cap cannot be seen. */
  readonly cap: number | null;
  /** Connections waiting at each look, oldest first; as many as `looks`. */
  readonly waiting: readonly number[];
}

export interface AcceptQueues {
  readonly looks: number;
  /** Only listeners that had a connection waiting at any look; every other listener was empty each time. */
  readonly queues: readonly AcceptQueue[];
}
