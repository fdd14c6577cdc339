/** How many local ports connect() may pick from. */

import { hasPort, type PortRange } from '#domain/ports.ts';
import type { Reading } from '#domain/reading.ts';

/** Ports in the inclusive range less those reserved and those a listener holds. Kernels without the list reserve none. */
export function ephemeralPorts(
  [first, last]: readonly [number, number],
  reservation: Reading<readonly PortRange[]>,
  listening: readonly number[],
): number {
  const reserved = reservation.kind === 'read' ? reservation.value : [];
  const inRange = (port: number) => port >= first && port <= last;
  const reservedPorts = reserved.reduce((sum, range) => sum + overlap(range, first, last), 0);
  const listeners = new Set(listening.filter((port) => inRange(port) && !hasPort(reserved, port)));
  return Math.max(0, last - first + 1 - reservedPorts - listeners.size);
}

function overlap(range: PortRange, first: number, last: number): number {
  return Math.max(0, Math.min(range.last, last) - Math.max(range.first, first) + 1);
}
