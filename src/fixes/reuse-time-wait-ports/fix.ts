import { ephemeralPorts } from '#diagnosis/ephemeral-ports.ts';
import { destinationFacts } from '#diagnosis/port-use.ts';
import {
  delaySeconds,
  isLoopback,
  peerTimestampsOf,
  REUSE_CHANGES,
  REUSE_READINGS,
  reuseAppliesTo,
} from '#diagnosis/time-wait-reuse.ts';
import { type Facts, fact, setting } from '#domain/fact.ts';
import { unreadable } from '#domain/reading.ts';
import type { Destination } from '#evidence/sockets.ts';
import { defineFix, refused, set, undecided } from '../fix.ts';
import { rateOf } from '../number.ts';

/** Below this share of the ports in TIME_WAIT nobody waits for one. */
const FEWEST = 0.25;
const TIME_WAIT_SECONDS = 60;

export const fix = defineFix({
  id: 'reuse-time-wait-ports',
  risk: 'low',
  writes: ['net.ipv4.tcp_tw_reuse'],
  cures: ['ephemeral-port-exhaustion-per-destination', 'tw-reuse-loopback-only', 'ephemeral-half-used-slow-connect'],
  needs: ['sockets', 'host', 'sysctl:net.ipv4.ip_local_port_range'],
  uses: ['sysctl:net.ipv4.ip_local_reserved_ports', ...REUSE_READINGS.filter((key) => key !== 'host')],
  usesChange: [...REUSE_CHANGES, 'counter:Tcp.ActiveOpens'],

  plan({ now, maybe }) {
    const { sockets, host, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    const { 'sysctl:net.ipv4.tcp_tw_reuse': reuse, 'peer-timestamps': peers } = maybe;
    if (reuse.kind === 'absent') return refused('no-key');
    if (reuse.kind !== 'read') return undecided(reuse);
    if (sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const ports = ephemeralPorts(range, maybe['sysctl:net.ipv4.ip_local_reserved_ports'], sockets.listeningPorts);
    const busiest = busiestOf(sockets.outbound);
    const facts = {
      ...destinationFacts(busiest),
      value: setting(reuse.value, 'sysctl:net.ipv4.tcp_tw_reuse'),
      timeWait: fact(busiest?.timeWait ?? 0, 'sockets', 'sockets: TIME_WAIT to this destination'),
      ports: fact(ports, 'ports', 'last - first + 1 - reserved - listeners'),
      share: fact(ports === 0 ? 1 : (busiest?.timeWait ?? 0) / ports, 'ratio', 'timeWait / ports'),
    };
    if (busiest === undefined || busiest.timeWait < FEWEST * ports) return refused('not-needed', facts);
    if (reuseAppliesTo(busiest.destination, reuse.value, host.kernel)) return refused('already', facts);
    const own = maybe['sysctl:net.ipv4.tcp_timestamps'];
    if (own.kind === 'read' && own.value === 0) return refused('own-timestamps-off', facts);
    const seen = peerTimestampsOf(busiest, peers);
    if (seen === null) return refused('timestamps-not-seen', facts);
    const withPeers = {
      ...facts,
      looked: fact(seen.sockets, 'sockets', 'peer-timestamps: established to this destination'),
      withTimestamps: fact(seen.withTimestamps, 'sockets', 'peer-timestamps'),
    };
    if (seen.withTimestamps * 2 < seen.sockets) return refused('no-timestamps', withPeers);
    const after = delaySeconds(maybe['sysctl:net.ipv4.tcp_tw_reuse_delay'], host.kernel);
    const effect = {
      ...withPeers,
      after: fact(after, 'seconds', 'tcp_tw_reuse_delay; else 1 s, 2 s before Linux 4.19'),
      ceiling: fact(Math.floor(ports / TIME_WAIT_SECONDS), 'per-second', 'ports / 60 s of TIME_WAIT'),
      ceilingAfter: fact(Math.floor(ports / after), 'per-second', 'ports / after'),
    };
    return set([{ key: 'net.ipv4.tcp_tw_reuse', to: '1' }], effect, [
      { number: 'recycled', wants: 'above', value: 0, within: 10 },
    ]);
  },

  measure({ now: { sockets }, maybeChange }, facts) {
    const one = sockets.outbound.find((candidate) => isSame(candidate, facts));
    return {
      recycled: rateOf(maybeChange['counter:TcpExt.TWRecycled'], 'counter:TcpExt.TWRecycled'),
      opened: rateOf(maybeChange['counter:Tcp.ActiveOpens'], 'counter:Tcp.ActiveOpens'),
      timeWait: fact(one?.timeWait ?? 0, 'sockets', 'sockets: TIME_WAIT to this destination'),
    };
  },
});

function busiestOf(outbound: readonly Destination[]): Destination | undefined {
  return outbound.filter(({ destination }) => !isLoopback(destination)).toSorted((a, b) => b.timeWait - a.timeWait)[0];
}

function isSame({ source, destination, port }: Destination, facts: Facts): boolean {
  return [
    [facts['source'], source],
    [facts['destination'], destination],
    [facts['port'], port],
  ].every(([planned, now]) => typeof planned === 'object' && 'value' in planned && planned.value === now);
}
