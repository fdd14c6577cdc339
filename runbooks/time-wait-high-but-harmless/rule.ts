import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { ephemeralPorts } from '#diagnosis/ephemeral-ports.ts';
import { fact, rows, setting } from '#domain/fact.ts';
import { highest } from '#domain/highest.ts';
import { isUnknown, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Sockets } from '#evidence/sockets.ts';

/** Fewer TIME_WAIT sockets than this worry nobody. */
const MANY = 1000;

/** Harmless: on ports of local services, away from the limit of outgoing ports, and away from the limit of buckets. */
const INBOUND_SHARE = 0.8;
const OUTBOUND_SHARE = 0.3;
const BUCKET_SHARE = 0.5;

/** sizeof(struct tcp_timewait_sock) as the slab allocator gives it: tw_sock_TCP in /proc/slabinfo. */
const BYTES_EACH = 256;

export const diagnosis = defineDiagnosis({
  id: 'time-wait-high-but-harmless',
  area: 'time-wait',
  needs: ['sockets', 'sysctl:net.ipv4.ip_local_port_range'],
  uses: ['sysctl:net.ipv4.ip_local_reserved_ports', 'sysctl:net.ipv4.tcp_max_tw_buckets'],

  judge({ now, maybe }) {
    const { sockets, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    if (sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    const limit = maybe['sysctl:net.ipv4.tcp_max_tw_buckets'];
    if (isUnknown(reserved)) return undecided(reserved);
    const ports = ephemeralPorts(range, reserved, sockets.listeningPorts);
    const shares = sharesOf(sockets, ports, limit.kind === 'read' ? limit.value : null);
    const facts = timeWaitFacts(sockets, shares, ports, limit.kind === 'read' ? limit.value : null);
    if (sockets.states['time-wait'] < MANY || shares.inbound <= INBOUND_SHARE) return ruledOut(facts);
    if (shares.outbound >= OUTBOUND_SHARE) return ruledOut(facts);
    if (limit.kind !== 'read') return undecided(limit);
    return (shares.buckets ?? 0) >= BUCKET_SHARE ? ruledOut(facts) : found('info', facts);
  },
});

interface Shares {
  /** Of all TIME_WAIT sockets, those on ports of local services. */
  readonly inbound: number;
  /** Of the local ports, those the busiest destination takes. */
  readonly outbound: number;
  /** Of tcp_max_tw_buckets; null where it is unknown or no limit. */
  readonly buckets: number | null;
}

function sharesOf(sockets: Sockets, ports: number, limit: number | null): Shares {
  const all = sockets.states['time-wait'];
  const busiest = highest(sockets.outbound.map(({ inRange }) => inRange));
  return {
    inbound: all === 0 ? 0 : inboundTimeWait(sockets) / all,
    outbound: ports === 0 ? 1 : busiest / ports,
    // A negative limit is none, or else there would be no TIME_WAIT to count.
    buckets: limit === null || limit <= 0 ? null : all / limit,
  };
}

function inboundTimeWait({ inbound }: Sockets): number {
  return inbound.reduce((sum, { timeWait }) => sum + timeWait, 0);
}

function timeWaitFacts(sockets: Sockets, shares: Shares, ports: number, limit: number | null) {
  const all = sockets.states['time-wait'];
  const top = sockets.inbound.toSorted((a, b) => b.timeWait - a.timeWait).slice(0, 3);
  return {
    timeWait: fact(all, 'sockets', 'sockets: in TIME_WAIT'),
    inbound: fact(inboundTimeWait(sockets), 'sockets', 'sockets: in TIME_WAIT, on a port with a listener'),
    inboundShare: fact(shares.inbound, 'ratio', 'inbound / timeWait'),
    services: rows(
      top
        .filter(({ timeWait }) => timeWait > 0)
        .map(({ port, timeWait }) => ({
          port: setting(port, 'sockets'),
          timeWait: fact(timeWait, 'sockets', 'sockets'),
        })),
      'sockets',
    ),
    ports: fact(ports, 'ports', 'ip_local_port_range less reserved ports and listeners'),
    outboundShare: fact(shares.outbound, 'ratio', 'sockets to the busiest destination / ports'),
    limit: setting(limit, 'sysctl:net.ipv4.tcp_max_tw_buckets'),
    bucketShare: fact(shares.buckets, 'ratio', 'timeWait / limit'),
    memory: fact(all * BYTES_EACH, 'bytes', 'timeWait * 256 B'),
  };
}
