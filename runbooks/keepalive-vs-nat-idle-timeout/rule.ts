import { crossesNat } from '#diagnosis/address-scope.ts';
import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { type Delta, delta } from '#domain/evidence.ts';
import { fact, flag, named, rows, setting } from '#domain/fact.ts';
import { type Reading, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Destination, Sockets } from '#evidence/sockets.ts';

/** A pool worth the name. A few connections may well belong to an agent that speaks often enough. */
const FEWEST = 20;
/** Below half, most of the host's software knows about keepalive. */
const SHARE = 0.5;
/** Above this share of closed or changed connections a destination is used by short ones, which never grow idle. */
const CHURN = 0.1;
const ROWS = 3;

export const diagnosis = defineDiagnosis({
  id: 'keepalive-vs-nat-idle-timeout',
  area: 'nat',
  needs: ['sockets'],
  uses: ['sysctl:net.ipv4.tcp_keepalive_time'],
  usesChange: ['sockets', 'counter:TcpExt.TCPAbortOnTimeout', 'counter:Tcp.AttemptFails'],

  judge({ now: { sockets }, maybe, maybeChange }) {
    if (sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const crossing = sockets.outbound.filter(({ source, destination }) => crossesNat(source, destination));
    const keepaliveTime = maybe['sysctl:net.ipv4.tcp_keepalive_time'];
    const factsOf = (pools: readonly Destination[], lost: number | null) =>
      poolFacts(pools, lost, keepaliveTime.kind === 'read' ? keepaliveTime.value : null);
    if (!isRisky(crossing)) return ruledOut(factsOf(crossing, null));
    const change = maybeChange.sockets;
    if (change.kind !== 'read') return undecided(change);
    if (change.value.after.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const pools = settled(change.value.before, crossing);
    const lost = lostConnections(sockets, pools, maybeChange);
    return isRisky(pools)
      ? found(lost === null ? 'info' : 'warn', factsOf(pools, lost))
      : ruledOut(factsOf(crossing, null));
  },
});

function isRisky(pools: readonly Destination[]): boolean {
  const unkept = sum(pools, without);
  return unkept >= FEWEST && unkept >= SHARE * sum(pools, ({ established }) => established);
}

function without({ established, keepalive }: Destination): number {
  return established - keepalive;
}

function sum(pools: readonly Destination[], count: (pool: Destination) => number): number {
  return pools.reduce((total, pool) => total + count(pool), 0);
}

/** Destinations whose connections stay: about as many as in the first sample, and hardly any closed in the last minute. */
function settled({ outbound }: Sockets, later: readonly Destination[]): readonly Destination[] {
  const earlier = new Map(outbound.map((pool) => [name(pool), pool.established]));
  return later.filter((pool) => {
    const changed = Math.abs(pool.established - (earlier.get(name(pool)) ?? 0));
    return changed + pool.timeWait + pool.synSent <= CHURN * pool.established;
  });
}

function name({ source, destination, port }: Destination): string {
  return `${source} ${destination} ${port}`;
}

interface Losses {
  readonly 'counter:TcpExt.TCPAbortOnTimeout': Reading<Delta<number>>;
  readonly 'counter:Tcp.AttemptFails': Reading<Delta<number>>;
}

/**
 * Connections given up because the peer fell silent, at least: TCPAbortOnTimeout counts unanswered SYNs as well, and
 * AttemptFails has all of those. null when there is none, or when they may as well be accepted connections.
 */
function lostConnections({ states }: Sockets, pools: readonly Destination[], losses: Losses): number | null {
  const { 'counter:TcpExt.TCPAbortOnTimeout': aborts, 'counter:Tcp.AttemptFails': attempts } = losses;
  if (aborts.kind !== 'read' || attempts.kind !== 'read') return null;
  const lost = delta(aborts.value) - delta(attempts.value);
  const ours = sum(pools, ({ established }) => established);
  return lost > 0 && ours * 2 > states.established ? lost : null;
}

function poolFacts(pools: readonly Destination[], lost: number | null, keepaliveTime: number | null) {
  const established = sum(pools, (pool) => pool.established);
  const unkept = sum(pools, without);
  const worst = pools.toSorted((a, b) => without(b) - without(a)).slice(0, ROWS);
  return {
    established: fact(established, 'connections', 'sockets: established, private source, public destination'),
    crossing: flag(established > 0, 'established > 0'),
    unkept: fact(unkept, 'connections', 'sockets: of those, with no keepalive timer running'),
    share: fact(established === 0 ? 0 : unkept / established, 'ratio', 'unkept / established'),
    keepaliveTime: setting(keepaliveTime, 'sysctl:net.ipv4.tcp_keepalive_time'),
    lost: fact(lost, 'connections', 'change of counter:TcpExt.TCPAbortOnTimeout - change of counter:Tcp.AttemptFails'),
    destinations: rows(worst.map(row), 'sockets'),
  };
}

function row(pool: Destination) {
  return {
    destination: named(pool.destination, 'sockets'),
    port: setting(pool.port, 'sockets'),
    unkept: fact(without(pool), 'connections', 'sockets'),
    established: fact(pool.established, 'connections', 'sockets'),
  };
}
