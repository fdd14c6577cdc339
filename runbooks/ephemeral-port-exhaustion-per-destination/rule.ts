import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { ephemeralPorts } from '#diagnosis/ephemeral-ports.ts';
import { fact, named, setting } from '#domain/fact.ts';
import { found, ruledOut } from '#domain/verdict.ts';
import type { Destination } from '#evidence/sockets.ts';

/** Past this share connect() fails now and then; past CRITICAL it is about to fail, or fails, for every caller. */
const WARNING = 0.8;
const CRITICAL = 0.95;

/** Linux keeps TIME_WAIT for TCP_TIMEWAIT_LEN = 60 s (include/net/tcp.h). */
const TIME_WAIT_SECONDS = 60;

export const diagnosis = defineDiagnosis({
  id: 'ephemeral-port-exhaustion-per-destination',
  area: 'ports',
  needs: ['sockets', 'sysctl:net.ipv4.ip_local_port_range'],
  uses: ['sysctl:net.ipv4.ip_local_reserved_ports', 'sysctl:net.ipv4.tcp_tw_reuse'],
  explains: ['ephemeral-half-used-slow-connect', 'tw-reuse-loopback-only', 'tw-reuse-ineffective-no-timestamps'],

  judge({ now, maybe }) {
    const { sockets, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    const ports = ephemeralPorts(range, reserved.kind === 'read' ? reserved.value : [], sockets.listeningPorts);
    const facts = portsFacts(busiest(sockets.outbound), ports, range);
    const share = ports === 0 ? 1 : (facts.used.value as number) / ports;
    if (share < WARNING) return ruledOut(facts);
    return found(share >= CRITICAL ? 'crit' : 'warn', facts);
  },
});

/** The kernel looks for a free port per (source, destination, port): totals over destinations say nothing. */
function busiest(outbound: readonly Destination[]): Destination | undefined {
  return outbound.toSorted((a, b) => b.inRange - a.inRange)[0];
}

function portsFacts(top: Destination | undefined, ports: number, [first, last]: readonly [number, number]) {
  const used = top?.inRange ?? 0;
  const growth = top === undefined ? 0 : (top.timeWaitYoung - top.timeWaitOld) / 10;
  return {
    source: named(top?.source ?? null, 'sockets'),
    destination: named(top?.destination ?? null, 'sockets'),
    port: setting(top?.port ?? null, 'sockets'),
    used: fact(used, 'sockets', 'sockets: of this source, destination and port, local port within the range'),
    ports: fact(ports, 'ports', 'last - first + 1 - reserved - listeners'),
    first: setting(first, 'sysctl:net.ipv4.ip_local_port_range'),
    last: setting(last, 'sysctl:net.ipv4.ip_local_port_range'),
    share: fact(ports === 0 ? 1 : used / ports, 'ratio', 'used / ports'),
    timeWait: fact(top?.timeWait ?? 0, 'sockets', 'sockets'),
    growth: fact(growth, 'per-second', '(TIME_WAIT made in the last 10 s - TIME_WAIT ending in the next 10 s) / 10'),
    secondsLeft: fact(
      growth > 0 && used < ports ? (ports - used) / growth : null,
      'seconds',
      '(ports - used) / growth',
    ),
    ceiling: fact(ports / TIME_WAIT_SECONDS, 'per-second', 'ports / 60 s of TIME_WAIT'),
    ceilingWithReuse: fact(ports, 'per-second', 'ports / 1 s, with tcp_tw_reuse=1 and timestamps'),
  };
}
