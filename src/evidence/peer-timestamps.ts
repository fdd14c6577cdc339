/** Whether live connections to the busiest destinations negotiated TCP timestamps: ss -tino, a few sockets for each. */

export interface PeerTimestamps {
  readonly destinations: readonly {
    readonly destination: string;
    readonly port: number;
    /** Established sockets looked at. */
    readonly sockets: number;
    readonly withTimestamps: number;
  }[];
}
