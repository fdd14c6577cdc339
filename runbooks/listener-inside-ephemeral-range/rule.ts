import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { choosesPortsByParity } from '#diagnosis/kernel-version.ts';
import { fact, flag, named, rows, setting } from '#domain/fact.ts';
import { highest } from '#domain/highest.ts';
import { hasPort } from '#domain/ports.ts';
import { absent, type Reading, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Listener } from '#evidence/listeners.ts';
import type { Processes } from '#evidence/processes.ts';
import type { Sockets } from '#evidence/sockets.ts';
import { isServicePort } from './service-ports.ts';

/** A service on loopback shares ports with loopback connections only: below one start failing in a hundred, no finding. */
const LOOPBACK_SHARE = 0.01;

/** Rows a reader can take in. */
const SHOWN = 10;

/** Never critical: that a service failed to start for this is in its own log, and nothing listens then. */
export const diagnosis = defineDiagnosis({
  id: 'listener-inside-ephemeral-range',
  area: 'ports',
  needs: ['listeners', 'sysctl:net.ipv4.ip_local_port_range'],
  uses: ['sysctl:net.ipv4.ip_local_reserved_ports', 'sockets', 'processes', 'host'],

  judge({ now, maybe }) {
    const { listeners, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    const inRange = listeners.listeners.filter(({ port }) => port >= range[0] && port <= range[1]);
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    const release = maybe.host.kind === 'read' ? maybe.host.value.kernel : null;
    const chosenBy =
      (by: Chooser) =>
      ({ port }: Listener) =>
        chooser(port, range[0], release) === by;
    if (reserved.kind !== 'read' && !inRange.every(chosenBy('kernel'))) return undecided(reserved);
    const open = reserved.kind === 'read' ? inRange.filter(({ port }) => !hasPort(reserved.value, port)) : [];
    const services = open.filter(chosenBy('somebody'));
    const atRisk = services.filter((listener) => canLosePort(listener, maybe.sockets, range));
    const facts = listenerFacts(atRisk, inRange.length, range, maybe.processes, maybe.sockets);
    if (atRisk.length > 0) return found('warn', facts);
    if (services.length > 0 && maybe.sockets.kind !== 'read') return undecided(maybe.sockets);
    if (open.some(chosenBy('either')))
      return undecided(maybe.host.kind === 'read' ? absent('ports chosen by parity') : maybe.host);
    return listeners.omitted > 0 ? undecided(unreadable('too-large', 'listeners')) : ruledOut(facts);
  },
});

type Chooser = 'somebody' | 'kernel' | 'either';

/**
 * Who chose a port. bind() to port 0 (RPC services, tests, a runtime's own servers) gets one of the other parity than the
 * range's start, and such a service takes another port next time. Old kernels give any.
 */
function chooser(port: number, low: number, release: string | null): Chooser {
  if (isServicePort(port)) return 'somebody';
  if (release === null || !choosesPortsByParity(release)) return 'either';
  return port % 2 === low % 2 ? 'somebody' : 'kernel';
}

/** connect() from another address does not get in the way of a listener on loopback, so that one needs loopback traffic. */
function canLosePort(
  { address }: Listener,
  sockets: Reading<Sockets>,
  [first, last]: readonly [number, number],
): boolean {
  if (!isLoopback(address)) return true;
  if (sockets.kind !== 'read' || sockets.value.coverage !== 'all') return false;
  const { distinctPorts = 0 } = sockets.value.sources.find((source) => source.address === address) ?? {};
  return distinctPorts >= LOOPBACK_SHARE * (last - first + 1);
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function listenerFacts(
  atRisk: readonly Listener[],
  inRange: number,
  [first, last]: readonly [number, number],
  processes: Reading<Processes>,
  sockets: Reading<Sockets>,
) {
  const ports = [...new Set(atRisk.map(({ port }) => port))].toSorted((a, b) => a - b);
  const busiest = sockets.kind === 'read' ? highest(sockets.value.sources.map((source) => source.distinctPorts)) : null;
  return {
    ports: fact(ports.length, 'ports', 'listeners: distinct ports from first to last, chosen and not reserved'),
    many: flag(ports.length > 1, 'ports > 1'),
    list: rows(
      ports.slice(0, SHOWN).map((port) => listenerRow(port, atRisk, processes)),
      'listeners, processes',
    ),
    portList: setting(ports.join(','), 'listeners'),
    inRange: fact(
      inRange,
      'sockets',
      'listeners: from first to last, reserved ones and those of bind() to port 0 included',
    ),
    anyInRange: flag(inRange > 0, 'inRange > 0'),
    first: setting(first, 'sysctl:net.ipv4.ip_local_port_range'),
    last: setting(last, 'sysctl:net.ipv4.ip_local_port_range'),
    taken: fact(busiest, 'ports', 'sockets: distinct local ports of the busiest source address'),
    share: fact(busiest === null ? null : busiest / (last - first + 1), 'ratio', 'taken / (last - first + 1)'),
  };
}

function listenerRow(port: number, listeners: readonly Listener[], processes: Reading<Processes>) {
  const owners = processes.kind === 'read' ? processes.value.processes : [];
  return {
    port: setting(port, 'listeners'),
    address: named(listeners.find((listener) => listener.port === port)?.address ?? null, 'listeners'),
    process: named(owners.find(({ listeningPorts }) => listeningPorts.includes(port))?.name ?? null, 'processes'),
  };
}
