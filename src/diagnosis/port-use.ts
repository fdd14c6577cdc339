/** How many local ports each destination takes from connect(), and which destination takes most. */
import { fact, named, setting } from '#domain/fact.ts';
import type { Missing } from '#domain/reading.ts';
import type { Destination } from '#evidence/sockets.ts';
import { type ReuseReadings, type TimeWaitReuse, timeWaitReuse } from './time-wait-reuse.ts';

export interface PortUse {
  readonly destination: Destination;
  /** Ports in range that connect() cannot get for this destination. */
  readonly used: number;
  /** Further ones in TIME_WAIT that it can take over. */
  readonly reusable: number;
  readonly reuse: TimeWaitReuse;
}

export type Busiest =
  | { readonly kind: 'busiest'; readonly use: PortUse | undefined }
  | { readonly kind: 'blocked'; readonly by: Missing };

/**
 * The destination with most ports in use. Where it is open whether TIME_WAIT ports can be taken over, they count as in
 * use; if only that lifts a destination to `threshold`, the answer is the reading that would tell.
 */
export function busiestDestination(
  outbound: readonly Destination[],
  threshold: number,
  readings: ReuseReadings,
): Busiest {
  const uses = outbound.map((destination) => portUse(destination, readings)).toSorted((a, b) => b.used - a.used);
  const [top] = uses;
  const sure = uses.find(({ reuse }) => reuse.kind !== 'unproven');
  if (top?.reuse.kind !== 'unproven' || top.used < threshold) return { kind: 'busiest', use: top };
  if (sure !== undefined && sure.used >= threshold) return { kind: 'busiest', use: sure };
  return { kind: 'blocked', by: top.reuse.blockedBy };
}

function portUse(destination: Destination, readings: ReuseReadings): PortUse {
  const reuse = timeWaitReuse(destination, readings);
  const reusable = reuse.kind === 'works' ? reusablePorts(destination, reuse.afterSeconds) : 0;
  return { destination, used: destination.inRange - reusable, reusable, reuse };
}

/** TIME_WAIT ports less those too young to be taken over; `timeWaitYoung` were made in the last 10 s. */
function reusablePorts({ inRange, timeWait, timeWaitYoung }: Destination, afterSeconds: number): number {
  const tooYoung = Math.round((timeWaitYoung / 10) * afterSeconds);
  return Math.max(0, Math.min(timeWait, inRange) - tooYoung);
}

/** What every page about ports in use says: whose they are, and how many of how many. */
export function portUseFacts(use: PortUse | undefined, ports: number, [first, last]: readonly [number, number]) {
  const used = use?.used ?? 0;
  return {
    ...destinationFacts(use?.destination),
    used: fact(
      used,
      'sockets',
      'sockets: of this source, destination and port, local port within the range, less reusable',
    ),
    reusable: fact(
      use?.reusable || null,
      'sockets',
      'TIME_WAIT sockets whose port tcp_tw_reuse lets connect() take over',
    ),
    ports: fact(ports, 'ports', 'last - first + 1 - reserved - listeners'),
    first: setting(first, 'sysctl:net.ipv4.ip_local_port_range'),
    last: setting(last, 'sysctl:net.ipv4.ip_local_port_range'),
    share: fact(ports === 0 ? 1 : used / ports, 'ratio', 'used / ports'),
  };
}

/** From where to where; null where there is no outgoing connection. */
export function destinationFacts(top: Destination | undefined) {
  return {
    source: named(top?.source ?? null, 'sockets'),
    destination: named(top?.destination ?? null, 'sockets'),
    port: setting(top?.port ?? null, 'sockets'),
  };
}
