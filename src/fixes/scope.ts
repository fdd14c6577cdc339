/** How far a sysctl reaches: the network namespace that was checked, or the whole host. */
import type { Scope } from '#domain/plan.ts';
import type { SysctlKey } from '#evidence/sysctls.ts';

/** One value for all namespaces (net/netfilter/nf_conntrack_standalone.c: writable in the first namespace only). */
const HOST_WIDE: readonly SysctlKey[] = ['net.netfilter.nf_conntrack_max', 'net.netfilter.nf_conntrack_buckets'];

export function scopeOf(key: SysctlKey): Scope {
  return HOST_WIDE.includes(key) ? 'host' : 'netns';
}
