/** One kernel counter of one host. */
import { parseCounters } from '#evidence/counters.ts';
import { must } from './command.ts';
import { LabError } from './lab-error.ts';
import { insideNetns } from './network.ts';
import type { HostState } from './state.ts';

/** `name` such as `TcpExt.TWRecycled` or `Tcp.OutRsts`; rejects when the kernel has no such counter. */
export async function readCounter({ name: host, netns }: HostState, name: string): Promise<number> {
  const [file, group] = name.startsWith('TcpExt.') ? ['netstat', 'TcpExt'] : ['snmp', 'Tcp'];
  const counters = parseCounters(await must(insideNetns(netns, ['cat', `/proc/net/${file}`])), group);
  const value = counters.kind === 'read' ? counters.value[name] : undefined;
  if (value === undefined) throw new LabError(`${host} has no counter ${name}.`);
  return value;
}
