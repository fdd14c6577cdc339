/** Which listening ports an outgoing connection may be given, and the list that keeps them back. */
import { hasPort, type PortRange, portsText } from '#domain/ports.ts';

/** Ascending. */
export function exposedPorts(
  listening: readonly number[],
  [first, last]: readonly [number, number],
  reserved: readonly PortRange[],
): readonly number[] {
  return listening.filter((port) => port >= first && port <= last && !hasPort(reserved, port));
}

/** The whole list, since each write replaces it. */
export function reservedWith(reserved: readonly PortRange[], ports: readonly number[]): string {
  return portsText([...reserved, ...ports.map((port) => ({ first: port, last: port }))]);
}
