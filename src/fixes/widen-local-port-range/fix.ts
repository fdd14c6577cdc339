import { ephemeralPorts } from '#diagnosis/ephemeral-ports.ts';
import { destinationFacts } from '#diagnosis/port-use.ts';
import { fact, named, setting } from '#domain/fact.ts';
import { highest } from '#domain/highest.ts';
import type { PortRange } from '#domain/ports.ts';
import { type Reading, unreadable } from '#domain/reading.ts';
import type { Destination } from '#evidence/sockets.ts';
import { defineFix, refused, set, undecided } from '../fix.ts';
import { exposedPorts, reservedWith } from '../reservation.ts';

/** Below it lie the ports of most services; even, since connect() tries ports of the start's parity first. */
const LOWEST = 10_240;
/** Odd, so that there are as many even ports as odd ones. */
const HIGHEST = 65_535;
/** Of the ports of one destination in use, past which connect() searches long. */
const HALF = 0.5;

export const fix = defineFix({
  id: 'widen-local-port-range',
  risk: 'medium',
  writes: ['net.ipv4.ip_local_reserved_ports', 'net.ipv4.ip_local_port_range'],
  cures: [
    'ephemeral-port-exhaustion-per-destination',
    'ephemeral-half-used-slow-connect',
    'bind-before-connect-port-exhaustion',
  ],
  needs: ['sockets', 'sysctl:net.ipv4.ip_local_port_range'],
  uses: ['sysctl:net.ipv4.ip_local_reserved_ports', 'sysctl:net.ipv4.ip_unprivileged_port_start'],

  plan({ now, maybe }) {
    const { sockets, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    if (sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const ports = ephemeralPorts(range, reserved, sockets.listeningPorts);
    const [busiest] = sockets.outbound.toSorted((a, b) => b.inRange - a.inRange);
    const wide = widened(range, maybe['sysctl:net.ipv4.ip_unprivileged_port_start']);
    const share = ports === 0 ? 1 : (busiest?.inRange ?? 0) / ports;
    const facts = {
      ...destinationFacts(busiest),
      first: setting(range[0], 'sysctl:net.ipv4.ip_local_port_range'),
      last: setting(range[1], 'sysctl:net.ipv4.ip_local_port_range'),
      newFirst: setting(wide[0], `the higher of ${LOWEST} and ip_unprivileged_port_start, even; never above first`),
      newLast: setting(wide[1], 'the highest port, odd'),
      ports: fact(ports, 'ports', 'last - first + 1 - reserved - listeners'),
      used: fact(busiest?.inRange ?? 0, 'sockets', 'sockets: of the busiest destination, within the range'),
      share: fact(share, 'ratio', 'used / ports'),
    };
    if (share < HALF) return refused('not-needed', facts);
    if (wide[0] >= range[0] && wide[1] <= range[1]) return refused('already', facts);
    // Listeners in the new part of the range must be reserved first, and where there is no such list they cannot be.
    const list = reserved.kind === 'read' ? reserved.value : [];
    const exposed = exposedPorts(sockets.listeningPorts, wide, list);
    if (exposed.length > 0 && reserved.kind === 'absent') return refused('cannot-reserve', facts);
    if (reserved.kind !== 'read' && reserved.kind !== 'absent') return undecided(reserved);
    const newPorts = portsAfter(wide, list, exposed);
    const effect = {
      ...facts,
      newPorts: fact(newPorts, 'ports', 'newLast - newFirst + 1 - reserved'),
      reserves: fact(exposed.length || null, 'ports', 'listening ports within the new range, not reserved yet'),
      list: named(exposed.join(', ') || null, 'reserves'),
      newShare: fact((busiest?.inRange ?? 0) / newPorts, 'ratio', 'used / newPorts'),
    };
    const reserve = { key: 'net.ipv4.ip_local_reserved_ports', to: reservedWith(list, exposed) } as const;
    const widen = { key: 'net.ipv4.ip_local_port_range', to: wide.join(' ') } as const;
    return set(exposed.length > 0 ? [reserve, widen] : [widen], effect, [
      { number: 'share', wants: 'at-most', value: HALF, within: 5 },
    ]);
  },

  measure({ now, maybe }) {
    const { sockets, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    const ports = ephemeralPorts(range, reserved, sockets.listeningPorts);
    const used = highest(sockets.outbound.map(({ inRange }: Destination) => inRange));
    const whole = sockets.coverage === 'all';
    return {
      ports: fact(ports, 'ports', 'last - first + 1 - reserved - listeners'),
      share: fact(whole && ports > 0 ? used / ports : null, 'ratio', 'sockets of the busiest destination / ports'),
    };
  },
});

/** Never narrower than it is. */
function widened([first, last]: readonly [number, number], unprivileged: Reading<number>): readonly [number, number] {
  const lowest = Math.max(LOWEST, unprivileged.kind === 'read' ? unprivileged.value : 0);
  return [Math.min(first, lowest + (lowest % 2)), Math.max(last, HIGHEST)];
}

function portsAfter(range: readonly [number, number], list: readonly PortRange[], exposed: readonly number[]): number {
  return ephemeralPorts(range, { kind: 'read', value: list }, exposed);
}
