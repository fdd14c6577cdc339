import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { ephemeralPorts } from '#diagnosis/ephemeral-ports.ts';
import { busiestDestination, type PortUse, portUseFacts } from '#diagnosis/port-use.ts';
import { REUSE_CHANGES, REUSE_READINGS } from '#diagnosis/time-wait-reuse.ts';
import { fact, flag } from '#domain/fact.ts';
import { isUnknown, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
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
  uses: ['sysctl:net.ipv4.ip_local_reserved_ports', ...REUSE_READINGS],
  usesChange: REUSE_CHANGES,
  explains: ['ephemeral-half-used-slow-connect', 'tw-reuse-loopback-only', 'tw-reuse-ineffective-no-timestamps'],

  judge({ now, maybe, maybeChange }) {
    const { sockets, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    if (sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    if (isUnknown(reserved)) return undecided(reserved);
    const ports = ephemeralPorts(range, reserved, sockets.listeningPorts);
    const busiest = busiestDestination(sockets.outbound, WARNING * ports, { maybe, maybeChange });
    if (busiest.kind === 'blocked') return undecided(busiest.by);
    const share = ports === 0 ? 1 : (busiest.use?.used ?? 0) / ports;
    const facts = portsFacts(busiest.use, ports, range);
    // A destination that was met too late to be counted by itself may hide among the uncounted.
    if (share < WARNING && sockets.uncounted >= WARNING * ports) return undecided(unreadable('too-large', 'sockets'));
    if (share < WARNING) return ruledOut(facts);
    return found(share >= CRITICAL && busiest.use?.reuse.kind !== 'not-seen' ? 'crit' : 'warn', facts);
  },
});

function portsFacts(use: PortUse | undefined, ports: number, range: readonly [number, number]) {
  const { timeWait = 0 } = use?.destination ?? {};
  const used = use?.used ?? 0;
  const heldByTimeWait = use?.reuse.kind !== 'works' && timeWait > 0 && timeWait >= used / 2;
  const growth = use !== undefined && heldByTimeWait ? timeWaitGrowth(use.destination) : { rate: 0, certain: false };
  const left = growth.certain && used < ports ? (ports - used) / growth.rate : null;
  return {
    ...portUseFacts(use, ports, range),
    timeWait: fact(timeWait, 'sockets', 'sockets'),
    growth: fact(
      growth.rate,
      'per-second',
      '(TIME_WAIT made in the last 10 s - TIME_WAIT ending in the next 10 s) / 10',
    ),
    secondsLeft: fact(left, 'seconds', '(ports - used) / growth, where growth is more than chance'),
    noTimestamps: flag(use?.reuse.kind === 'no-timestamps', 'sysctl:net.ipv4.tcp_timestamps, peer-timestamps'),
    ceiling: fact(
      heldByTimeWait ? wholeAbove10(ports / TIME_WAIT_SECONDS) : null,
      'per-second',
      'ports / 60 s of TIME_WAIT',
    ),
    ceilingWithReuse: fact(
      heldByTimeWait && use?.reuse.kind === 'off' ? ports : null,
      'per-second',
      'ports / 1 s, with tcp_tw_reuse=1 and timestamps',
    ),
  };
}

/** A ceiling is never rounded up: 28,232 ports allow 470 a second, not 471. */
function wholeAbove10(rate: number): number {
  return rate < 10 ? rate : Math.floor(rate);
}

/** A steady flow gives two counts that differ by chance alone; three times their standard deviation is growth. */
function timeWaitGrowth({ timeWaitYoung, timeWaitOld }: Destination): {
  readonly rate: number;
  readonly certain: boolean;
} {
  const more = timeWaitYoung - timeWaitOld;
  return { rate: more / 10, certain: more > 3 * Math.sqrt(timeWaitYoung + timeWaitOld) };
}
