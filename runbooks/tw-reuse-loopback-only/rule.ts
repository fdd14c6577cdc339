import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { ephemeralPorts } from '#diagnosis/ephemeral-ports.ts';
import { destinationFacts } from '#diagnosis/port-use.ts';
import { isLoopback, peerTimestampsOf, reuseAppliesTo } from '#diagnosis/time-wait-reuse.ts';
import { fact, flag, setting } from '#domain/fact.ts';
import { isUnknown, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Destination } from '#evidence/sockets.ts';

/** From half the ports on, connect() has to search for a free one; below it reuse would change nothing anybody notices. */
const WORTH_SAYING = 0.5;
/** Where ephemeral-port-exhaustion-per-destination begins to warn. */
const NEARLY_EXHAUSTED = 0.8;
/** A range of a few ports is a test set-up, and reaches half with a handful of sockets. */
const FEWEST = 20;
/** TCP_TIMEWAIT_LEN, include/net/tcp.h. */
const TIME_WAIT_SECONDS = 60;

export const diagnosis = defineDiagnosis({
  id: 'tw-reuse-loopback-only',
  area: 'time-wait',
  needs: ['sockets', 'sysctl:net.ipv4.ip_local_port_range'],
  uses: ['host', 'peer-timestamps', 'sysctl:net.ipv4.ip_local_reserved_ports', 'sysctl:net.ipv4.tcp_tw_reuse'],

  judge({ now, maybe }) {
    const { sockets, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    if (sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const { 'sysctl:net.ipv4.tcp_tw_reuse': reuse, 'sysctl:net.ipv4.ip_local_reserved_ports': reserved, host } = maybe;
    if (isUnknown(reserved)) return undecided(reserved);
    const ports = ephemeralPorts(range, reserved, sockets.listeningPorts);
    if (host.kind !== 'read') return undecided(host);
    const { kernel } = host.value;
    const value = reuse.kind === 'read' ? reuse.value : null;
    const left = sockets.outbound.filter(
      ({ destination }) => !isLoopback(destination) && !reuseAppliesTo(destination, value ?? 0, kernel),
    );
    const top = left.toSorted((a, b) => waiting(b) - waiting(a))[0];
    const facts = reuseFacts(
      top,
      ports,
      value,
      top === undefined ? null : peerTimestampsOf(top, maybe['peer-timestamps']),
    );
    if (top === undefined || waiting(top) < FEWEST || waiting(top) < WORTH_SAYING * ports) return ruledOut(facts);
    // Before about 4.11 a container does not see the file, though the host's value holds for it.
    if (reuse.kind !== 'read') return undecided(reuse);
    return found(top.inRange >= NEARLY_EXHAUSTED * ports ? 'warn' : 'info', facts);
  },
});

/** TIME_WAIT sockets that hold a port of the range. */
function waiting({ timeWait, inRange }: Destination): number {
  return Math.min(timeWait, inRange);
}

function reuseFacts(
  top: Destination | undefined,
  ports: number,
  value: number | null,
  peer: { readonly sockets: number; readonly withTimestamps: number } | null,
) {
  return {
    value: setting(value, 'sysctl:net.ipv4.tcp_tw_reuse'),
    loopbackOnly: flag(value === 2, 'sysctl:net.ipv4.tcp_tw_reuse'),
    ...destinationFacts(top),
    timeWait: fact(top === undefined ? 0 : waiting(top), 'sockets', 'sockets: TIME_WAIT of this destination'),
    used: fact(top?.inRange ?? 0, 'sockets', 'sockets: any state, local port within the range'),
    ports: fact(ports, 'ports', 'last - first + 1 - reserved - listeners of sysctl:net.ipv4.ip_local_port_range'),
    share: fact(top === undefined || ports === 0 ? 0 : waiting(top) / ports, 'ratio', 'timeWait / ports'),
    looked: fact(peer?.sockets ?? null, 'sockets', 'peer-timestamps: live connections looked at'),
    withTimestamps: fact(peer?.withTimestamps ?? null, 'sockets', 'peer-timestamps: of those, with timestamps'),
    wouldHelp: flag(peer !== null && peer.withTimestamps * 2 >= peer.sockets, 'withTimestamps / looked >= 1/2'),
    ceiling: fact(ports / TIME_WAIT_SECONDS, 'per-second', 'ports / 60 s of TIME_WAIT'),
    ceilingWithReuse: fact(ports, 'per-second', 'ports / 1 s, with tcp_tw_reuse=1 and timestamps'),
  };
}
