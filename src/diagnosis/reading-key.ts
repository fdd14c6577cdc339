/** Everything a rule may ask for, and the type of what it gets. */
import type { ChangeHelper } from '#domain/helper-state.ts';
import type { AcceptQueues } from '#evidence/accept-queues.ts';
import type { Conntrack } from '#evidence/conntrack.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { KernelLog } from '#evidence/kernel-log.ts';
import type { Limits } from '#evidence/limits.ts';
import type { Listeners } from '#evidence/listeners.ts';
import type { PeerTimestamps } from '#evidence/peer-timestamps.ts';
import type { PersistedSysctls } from '#evidence/persisted-sysctls.ts';
import type { Processes } from '#evidence/processes.ts';
import type { Sockets } from '#evidence/sockets.ts';
import type { Sockstat } from '#evidence/sockstat.ts';
import type { SysctlKey, SysctlValue } from '#evidence/sysctls.ts';

interface SourceValues {
  'accept-queues': AcceptQueues;
  'change-helper': ChangeHelper;
  conntrack: Conntrack;
  host: HostFacts;
  'kernel-log': KernelLog;
  limits: Limits;
  listeners: Listeners;
  'peer-timestamps': PeerTimestamps;
  'persisted-sysctls': PersistedSysctls;
  processes: Processes;
  sockets: Sockets;
  sockstat: Sockstat;
}

type SourceName = keyof SourceValues;
type CounterKey = `counter:${'Tcp' | 'TcpExt' | 'Ip' | 'IpExt'}.${string}`;

/** A source by its name, one sysctl, or one counter. */
export type ReadingKey = SourceName | `sysctl:${SysctlKey}` | CounterKey;

export type ReadingValue<K extends ReadingKey> = K extends SourceName
  ? SourceValues[K]
  : K extends `sysctl:${infer S extends SysctlKey}`
    ? SysctlValue<S>
    : number;
