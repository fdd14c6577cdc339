/** Who answered: kernel, distribution, boot, network namespace, and what the collector's account may do. */

export interface HostFacts {
  readonly hostname: string;
  /** `uname -r` */
  readonly kernel: string;
  /** `uname -m` */
  readonly machine: string;
  /** From os-release; null on systems without it. */
  readonly distribution: { readonly id: string; readonly version: string; readonly name: string } | null;
  /** /proc/sys/kernel/random/boot_id: another one means the host rebooted. */
  readonly bootId: string;
  /** Seconds since boot when this sample was taken, by the host's clock. */
  readonly uptime: number;
  /** Inode of the collector's network namespace; null before Linux 3.0 (no /proc/self/ns/net). */
  readonly netns: string | null;
  readonly user: string;
  readonly root: boolean;
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  /** What `ss -V` said, e.g. `iproute2-6.1.0`; null = no ss. */
  readonly ss: string | null;
  /** Who built the kernel, from /proc/version: `user@machine`. */
  readonly kernelBuilder: string | null;
}
