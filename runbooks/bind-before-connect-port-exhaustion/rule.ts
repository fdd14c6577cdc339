import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { ephemeralPorts } from '#diagnosis/ephemeral-ports.ts';
import { choosesPortsByParity } from '#diagnosis/kernel-version.ts';
import { fact, named, setting } from '#domain/fact.ts';
import { absent, isUnknown, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Destination, SourceAddress } from '#evidence/sockets.ts';

/** bind() fails for every caller of a source address when its ports are gone, whatever their destinations. */
const CRITICAL = 0.9;

/** connect() alone, spread over destinations, takes no more than the half of the ports it tries first. */
const WARNING = 0.6;

/** Past this share of the ports, one destination's connect() calls reach ports of the other parity too. */
const NEAR_HALF = 0.45;

export const diagnosis = defineDiagnosis({
  id: 'bind-before-connect-port-exhaustion',
  area: 'ports',
  needs: ['sockets', 'sysctl:net.ipv4.ip_local_port_range'],
  uses: ['host', 'sysctl:net.ipv4.ip_local_reserved_ports'],
  explains: ['ephemeral-port-exhaustion-per-destination', 'ephemeral-half-used-slow-connect'],

  judge({ now, maybe }) {
    const { sockets, 'sysctl:net.ipv4.ip_local_port_range': range } = now;
    if (sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const reserved = maybe['sysctl:net.ipv4.ip_local_reserved_ports'];
    if (isUnknown(reserved)) return undecided(reserved);
    const ports = ephemeralPorts(range, reserved, sockets.listeningPorts);
    const connected = connectedBySource(sockets.outbound, ports, range[0]);
    const uses = sockets.sources.map((source) => sourceUse(source, connected.get(source.address) ?? 0, range[0]));
    const top = uses.toSorted((a, b) => b.distinct - a.distinct)[0];
    const bound = uses.filter(isBound).find(({ distinct }) => distinct >= WARNING * ports);
    if (top === undefined || top.distinct < WARNING * ports) return ruledOut(sourceFacts(top, ports, range));
    if (maybe.host.kind !== 'read') return undecided(maybe.host);
    if (!choosesPortsByParity(maybe.host.value.kernel)) return undecided(absent('ports chosen by parity'));
    if (bound === undefined) return ruledOut(sourceFacts(top, ports, range));
    return found(bound.distinct >= CRITICAL * ports ? 'crit' : 'warn', sourceFacts(bound, ports, range));
  },
});

interface SourceUse {
  readonly source: SourceAddress;
  readonly distinct: number;
  /** Distinct ports of the parity that connect() tries last and bind() to port 0 first. */
  readonly bindParity: number;
  /** Of those, as many as connect() may have reached after taking the other half for one destination. */
  readonly connected: number;
}

function sourceUse(source: SourceAddress, connected: number, low: number): SourceUse {
  const bindParity = ofOtherParity(source.distinctPorts, source.oddPorts, low);
  return { source, distinct: source.distinctPorts, bindParity, connected: Math.min(connected, bindParity) };
}

/** By source address: ports of the other parity that connect() took for destinations with nearly all of the first. */
function connectedBySource(outbound: readonly Destination[], ports: number, low: number): ReadonlyMap<string, number> {
  const connected = new Map<string, number>();
  for (const { source, inRange, odd } of outbound) {
    const other = ofOtherParity(inRange, odd, low);
    if (inRange >= NEAR_HALF * ports && other * 2 <= inRange)
      connected.set(source, (connected.get(source) ?? 0) + other);
  }
  return connected;
}

/** Of so many ports, `odd` of them odd, those whose parity is not that of the range's start. */
function ofOtherParity(all: number, odd: number, low: number): number {
  return low % 2 === 0 ? odd : all - odd;
}

function isBound({ bindParity, connected }: SourceUse): boolean {
  return bindParity > 0 && bindParity - connected >= bindParity / 2;
}

function sourceFacts(use: SourceUse | undefined, ports: number, [first, last]: readonly [number, number]) {
  const { distinct = 0, bindParity = 0, connected = 0 } = use ?? {};
  return {
    source: named(use?.source.address ?? null, 'sockets'),
    used: fact(distinct, 'ports', 'sockets: distinct local ports within the range, of this source address'),
    ports: fact(ports, 'ports', 'last - first + 1 - reserved - listeners'),
    first: setting(first, 'sysctl:net.ipv4.ip_local_port_range'),
    last: setting(last, 'sysctl:net.ipv4.ip_local_port_range'),
    share: fact(ports === 0 ? 1 : distinct / ports, 'ratio', 'used / ports'),
    bindParity: fact(bindParity, 'ports', 'of used, those whose parity is not that of first'),
    connected: fact(connected || null, 'ports', 'of bindParity, in use for destinations that take over 45 % of ports'),
    bound: fact(bindParity - connected, 'ports', 'bindParity - connected'),
    sockets: fact(use?.source.sockets ?? 0, 'sockets', 'sockets: outbound, of this source address'),
  };
}
