import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { ephemeralPorts } from '#diagnosis/ephemeral-ports.ts';
import { choosesPortsByParity } from '#diagnosis/kernel-version.ts';
import { busiestDestination, type PortUse, portUseFacts } from '#diagnosis/port-use.ts';
import { REUSE_CHANGES, REUSE_READINGS } from '#diagnosis/time-wait-reuse.ts';
import { fact, flag } from '#domain/fact.ts';
import { isUnknown, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';

/** connect() gets slow at half of the ports; below this share it is not yet near. */
const NEAR_HALF = 0.45;

/** Share of the ports tried first that must be taken for connect() to search through them: below it twenty tries do. */
const SEARCHED = 0.95;

/** Looking at one taken port costs about 0.15 us: 14,116 of them took 1 to 5 ms on Linux 6.18. */
const MILLISECONDS_PER_PORT = 0.000_15;

/** A search shorter than this is not worth a warning. */
const SLOW_MILLISECONDS = 1;

export const diagnosis = defineDiagnosis({
  id: 'ephemeral-half-used-slow-connect',
  area: 'ports',
  needs: ['sockets', 'sysctl:net.ipv4.ip_local_port_range'],
  uses: ['sysctl:net.ipv4.ip_local_reserved_ports', ...REUSE_READINGS],
  usesChange: REUSE_CHANGES,

  judge({ now, maybe, maybeChange }) {
    const { sockets, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    if (sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    if (isUnknown(reserved)) return undecided(reserved);
    const ports = ephemeralPorts(range, reserved, sockets.listeningPorts);
    const busiest = busiestDestination(sockets.outbound, NEAR_HALF * ports, { maybe, maybeChange });
    if (busiest.kind === 'blocked') return undecided(busiest.by);
    const halves = byParity(busiest.use, range);
    const byParityHere = maybe.host.kind === 'read' && choosesPortsByParity(maybe.host.value.kernel);
    const facts = parityFacts(busiest.use, ports, halves, range, byParityHere);
    // More ports of the other parity than of the one tried first: they were bound before connect(), which did not search.
    if ((busiest.use?.used ?? 0) < NEAR_HALF * ports || ports === 0 || halves.other > halves.first)
      return ruledOut(facts);
    if (maybe.host.kind !== 'read') return undecided(maybe.host);
    if (!byParityHere) return ruledOut(facts);
    return found(isSearching(halves, ports) && searchTime(ports) >= SLOW_MILLISECONDS ? 'warn' : 'info', facts);
  },
});

function isSearching({ first }: Halves, ports: number): boolean {
  return first >= (SEARCHED * ports) / 2;
}

/** Milliseconds to look at half of the ports. */
function searchTime(ports: number): number {
  return (ports / 2) * MILLISECONDS_PER_PORT;
}

interface Halves {
  /** Sockets on ports of the range start's parity, which connect() tries first, less those it may take over. */
  readonly first: number;
  readonly other: number;
}

function byParity(use: PortUse | undefined, [low]: readonly [number, number]): Halves {
  const { odd = 0, inRange = 0 } = use?.destination ?? {};
  const [first, other] = low % 2 === 0 ? [inRange - odd, odd] : [odd, inRange - odd];
  return { first: Math.max(0, first - (use?.reusable ?? 0)), other };
}

function parityFacts(
  use: PortUse | undefined,
  ports: number,
  halves: Halves,
  range: readonly [number, number],
  chosenByParity: boolean,
) {
  const [first, last] = range;
  return {
    ...portUseFacts(use, ports, range),
    byParity: flag(chosenByParity, 'host: kernel 4.2 or newer, or RHEL 7'),
    evenFirst: flag(first % 2 === 0, 'first'),
    triedFirst: fact(
      halves.first,
      'sockets',
      "sockets: of this destination, on ports of first's parity, less reusable",
    ),
    triedLast: fact(halves.other, 'sockets', 'sockets: of this destination, on ports of the other parity'),
    half: fact(Math.floor(ports / 2), 'ports', 'ports / 2'),
    searching: flag(isSearching(halves, ports), 'triedFirst >= 95 % of half'),
    search: fact(searchTime(ports), 'milliseconds', 'ports / 2 * 0.15 us, once that half is taken'),
    sameParity: flag(first % 2 === last % 2, 'first and last both even, or both odd'),
  };
}
