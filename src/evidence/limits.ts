/** Host-wide limits on threads, processes and files: /proc/loadavg, /proc/sys/{kernel,fs}, cgroup pids. */

export interface Limits {
  /** Threads that exist now: the fourth field of /proc/loadavg. */
  readonly threads: number;
  readonly threadsMax: number;
  readonly pidMax: number;
  /** The tightest pids.max on the way from a listener's cgroup to the root; null where no cgroup limits it. */
  readonly cgroupPids: { readonly path: string; readonly current: number; readonly max: number } | null;
  /** /proc/sys/fs/file-nr, first and third field. */
  readonly files: { readonly open: number; readonly max: number };
}
