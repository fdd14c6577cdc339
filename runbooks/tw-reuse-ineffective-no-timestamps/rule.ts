import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { ephemeralPorts } from '#diagnosis/ephemeral-ports.ts';
import { destinationFacts } from '#diagnosis/port-use.ts';
import {
  peerTimestampsOf,
  REUSE_CHANGES,
  REUSE_READINGS,
  type ReuseReadings,
  reuseAppliesTo,
  timeWaitReuse,
} from '#diagnosis/time-wait-reuse.ts';
import { delta } from '#domain/evidence.ts';
import { fact, flag, setting } from '#domain/fact.ts';
import { isUnknown, unreadable } from '#domain/reading.ts';
import { found, type Judgement, ruledOut, undecided } from '#domain/verdict.ts';
import type { Destination } from '#evidence/sockets.ts';

/** From half the ports on, connect() meets TIME_WAIT ports all the time, and reuse that works would show. */
const WORTH_SAYING = 0.5;
/** A range of a few ports is a test set-up, and reaches half with a handful of sockets. */
const FEWEST = 20;
/** Closed in the last 10 s. With fewer, that no port was taken over may only mean that nothing connects any more. */
const FRESH = 10;
/** TCP_TIMEWAIT_LEN, include/net/tcp.h. */
const TIME_WAIT_SECONDS = 60;

export const diagnosis = defineDiagnosis({
  id: 'tw-reuse-ineffective-no-timestamps',
  area: 'time-wait',
  needs: ['sockets', 'sysctl:net.ipv4.ip_local_port_range'],
  uses: ['sysctl:net.ipv4.ip_local_reserved_ports', ...REUSE_READINGS],
  usesChange: REUSE_CHANGES,

  judge({ now, maybe, maybeChange }) {
    const { sockets, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    if (sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    if (isUnknown(reserved)) return undecided(reserved);
    const ports = ephemeralPorts(range, reserved, sockets.listeningPorts);
    const byPorts = sockets.outbound.toSorted((a, b) => b.inRange - a.inRange);
    const readings = { maybe, maybeChange };
    const crowded = byPorts.filter((destination) => isCrowded(destination, ports));
    const answers = crowded.map((destination) => judgeOne(destination, ports, readings));
    return (
      answers.find(({ kind }) => kind === 'found') ??
      answers.find(({ kind }) => kind === 'undecided') ??
      ruledOut(crowdFacts(byPorts[0], ports, readings))
    );
  },
});

function isCrowded({ inRange, timeWait }: Destination, ports: number): boolean {
  return inRange >= FEWEST && inRange >= WORTH_SAYING * ports && timeWait * 2 > inRange;
}

function judgeOne(destination: Destination, ports: number, readings: ReuseReadings): Judgement {
  const { 'sysctl:net.ipv4.tcp_tw_reuse': switched, host } = readings.maybe;
  if (switched.kind !== 'read') return undecided(switched);
  const facts = crowdFacts(destination, ports, readings);
  if (host.kind !== 'read') return undecided(host);
  if (!reuseAppliesTo(destination.destination, switched.value, host.value.kernel)) return ruledOut(facts);
  const reuse = timeWaitReuse(destination, readings);
  if (reuse.kind === 'unproven') return undecided(reuse.blockedBy);
  if (reuse.kind === 'no-timestamps') return found('warn', facts);
  if (reuse.kind !== 'not-seen') return ruledOut(facts);
  if (destination.timeWaitYoung >= FRESH) return found('warn', facts);
  return undecided(unreadable('too-quiet', `${destination.destination}:${destination.port}`));
}

function crowdFacts(top: Destination | undefined, ports: number, readings: ReuseReadings) {
  const { maybe, maybeChange } = readings;
  const { 'sysctl:net.ipv4.tcp_tw_reuse': reuse, 'sysctl:net.ipv4.tcp_timestamps': own } = maybe;
  const recycled = maybeChange['counter:TcpExt.TWRecycled'];
  const seen = top === undefined ? null : peerTimestampsOf(top, maybe['peer-timestamps']);
  return {
    value: setting(reuse.kind === 'read' ? reuse.value : null, 'sysctl:net.ipv4.tcp_tw_reuse'),
    ...destinationFacts(top),
    used: fact(top?.inRange ?? 0, 'sockets', 'sockets: any state, local port within the range'),
    timeWait: fact(top?.timeWait ?? 0, 'sockets', 'sockets: TIME_WAIT of this destination'),
    ports: fact(ports, 'ports', 'last - first + 1 - reserved - listeners of sysctl:net.ipv4.ip_local_port_range'),
    share: fact(top === undefined || ports === 0 ? 0 : top.inRange / ports, 'ratio', 'used / ports'),
    looked: fact(seen?.sockets ?? null, 'sockets', 'peer-timestamps: live connections looked at'),
    withTimestamps: fact(seen?.withTimestamps ?? null, 'sockets', 'peer-timestamps: of those, with timestamps'),
    offHere: flag(own.kind === 'read' && own.value === 0, 'sysctl:net.ipv4.tcp_timestamps = 0'),
    works: flag(
      top !== undefined && timeWaitReuse(top, readings).kind === 'works',
      'timestamps seen, or recycled > 0, and tcp_tw_reuse applies',
    ),
    recycled: fact(
      recycled.kind === 'read' ? delta(recycled.value) : null,
      'sockets',
      'change of counter:TcpExt.TWRecycled',
    ),
    ceiling: fact(ports / TIME_WAIT_SECONDS, 'per-second', 'ports / 60 s of TIME_WAIT'),
    ceilingWithReuse: fact(ports, 'per-second', 'ports / 1 s, with timestamps'),
  };
}
