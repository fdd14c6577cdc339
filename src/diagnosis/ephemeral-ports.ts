/** How many local ports connect() may pick from. */

import { hasPort, type PortRange, portsLeft } from '#domain/ports.ts';
import type { Reading } from '#domain/reading.ts';

/** Ports in the inclusive range less those reserved and those a listener holds. Kernels without the list reserve none. */
export function ephemeralPorts(
  [first, last]: readonly [number, number],
  reservation: Reading<readonly PortRange[]>,
  listening: readonly number[],
): number {
  const reserved = reservation.kind === 'read' ? reservation.value : [];
  const inRange = (port: number) => port >= first && port <= last;
  const listeners = new Set(listening.filter((port) => inRange(port) && !hasPort(reserved, port)));
  return Math.max(0, portsLeft([first, last], reserved) - listeners.size);
}
