import { fact, named } from '#domain/fact.ts';
import { type PortRange, portsText } from '#domain/ports.ts';
import { defineFix, refused, set, undecided } from '../fix.ts';
import { exposedPorts, reservedWith } from '../reservation.ts';

export const fix = defineFix({
  id: 'reserve-listener-ports',
  risk: 'low',
  writes: ['net.ipv4.ip_local_reserved_ports'],
  cures: ['listener-inside-ephemeral-range'],
  needs: ['sockets', 'sysctl:net.ipv4.ip_local_port_range'],
  uses: ['sysctl:net.ipv4.ip_local_reserved_ports'],

  plan({ now, maybe }) {
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    if (reserved.kind === 'absent') return refused('no-key');
    if (reserved.kind !== 'read') return undecided(reserved);
    const exposed = exposedPorts(
      now.sockets.listeningPorts,
      now['sysctl:net.ipv4.ip_local_port_range'],
      reserved.value,
    );
    const facts = {
      exposed: fact(exposed.length, 'ports', 'sockets: listening, within ip_local_port_range, not reserved'),
      list: named(portsText(exposed.map((port) => ({ first: port, last: port }))), 'exposed'),
    };
    if (exposed.length === 0) return refused('not-needed', facts);
    const to = reservedWith(reserved.value, exposed);
    return set([{ key: 'net.ipv4.ip_local_reserved_ports', to }], facts, [
      { number: 'exposed', wants: 'at-most', value: 0, within: 0 },
    ]);
  },

  measure({ now, maybe }) {
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    const list: readonly PortRange[] | undefined = reserved.kind === 'read' ? reserved.value : undefined;
    const exposed = list && exposedPorts(now.sockets.listeningPorts, now['sysctl:net.ipv4.ip_local_port_range'], list);
    return { exposed: fact(exposed?.length ?? null, 'ports', 'listening ports that connect() may take') };
  },
});
