/** Which listening ports an outgoing connection may be given, and the list that keeps them back. */
import type { PortRange } from '#evidence/sysctls.ts';
import { portsText } from './sysctl-text.ts';

/** Ascending. */
export function exposedPorts(
  listening: readonly number[],
  [first, last]: readonly [number, number],
  reserved: readonly PortRange[],
): readonly number[] {
  const isReserved = (port: number) => reserved.some((range) => port >= range.first && port <= range.last);
  return listening.filter((port) => port >= first && port <= last && !isReserved(port));
}

/** The whole list, since each write replaces it. */
export function reservedWith(reserved: readonly PortRange[], ports: readonly number[]): string {
  return portsText([...reserved, ...ports.map((port) => ({ first: port, last: port }))]);
}
