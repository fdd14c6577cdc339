/** nf_conntrack: entries of this network namespace, the limit, and the per-CPU counters of /proc/net/stat/nf_conntrack summed by column name. */

export interface Conntrack {
  readonly count: number;
  readonly max: number;
  readonly buckets: number | null;
  /** Sums over CPUs since boot; a column this kernel does not print is missing. `entries` is not summed, it is global. */
  readonly stats: Readonly<Record<string, number>>;
}
