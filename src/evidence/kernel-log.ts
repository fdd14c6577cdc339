/** Lines of the kernel log that matter to TCP, counted by what they say. */

export const KERNEL_MESSAGES = [
  'syn-flooding',
  'time-wait-overflow',
  'too-many-orphans',
  'out-of-tcp-memory',
  'conntrack-table-full',
  'file-max-reached',
  'port-parity',
  'cgroup-fork-rejected',
] as const;

export type KernelMessage = (typeof KERNEL_MESSAGES)[number];

export interface KernelLog {
  /** Messages of one kind. `last` is seconds since boot of the newest one, null when the log has no times. */
  readonly messages: readonly {
    readonly message: KernelMessage;
    readonly count: number;
    readonly last: number | null;
    readonly line: string;
  }[];
}
