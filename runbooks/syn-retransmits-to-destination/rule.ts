import { connectTimeout } from '#diagnosis/connect-timeout.ts';
import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { delta } from '#domain/evidence.ts';
import { fact, named, setting } from '#domain/fact.ts';
import { type Reading, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Sockets } from '#evidence/sockets.ts';

/** One lost SYN now and then is ordinary loss; this many at one moment towards one destination is not. */
const FEWEST_TO_ONE = 5;
/** The same spread over destinations: a few dead peers are ordinary for a host that connects to many. */
const FEWEST_TO_ALL = 10;
const FEWEST_FOR_CRITICAL = 10;
const SHARE = 0.2;

/** Connections towards one address and port that wait for an answer to their SYN. */
interface Waiting {
  readonly destination: string;
  readonly port: number;
  readonly synSent: number;
  /** Of those, the ones that have sent it again: no answer for a second or more. */
  readonly resent: number;
}

export const diagnosis = defineDiagnosis({
  id: 'syn-retransmits-to-destination',
  area: 'syn',
  needs: ['sockets'],
  uses: ['sysctl:net.ipv4.tcp_syn_retries', 'sysctl:net.ipv4.tcp_syn_linear_timeouts'],
  usesChange: ['sockets', 'counter:TcpExt.TCPSynRetrans'],

  judge({ now, maybe, maybeChange }) {
    const looks = maybeChange.sockets.kind === 'read' ? maybeChange.sockets.value : undefined;
    const sockets = looks?.after ?? now.sockets;
    const waiting = waitingConnections(sockets);
    const [worst] = waiting;
    const before = looks === undefined ? [] : waitingConnections(looks.before);
    const counter = maybeChange['counter:TcpExt.TCPSynRetrans'];
    const facts = {
      ...waitingFacts(waiting),
      lasting: fact(before.find(isAt(worst))?.resent || null, 'sockets', 'sockets: resent, in the first sample'),
      synRetransmits: fact(
        counter.kind === 'read' ? delta(counter.value) : null,
        'packets',
        'counter:TcpExt.TCPSynRetrans: change; SYN and SYN-ACK',
      ),
      ...timeoutFacts(maybe),
    };
    if (isUnanswered(worst) || facts.allResent.value >= FEWEST_TO_ALL)
      return found(isLasting(worst, before) ? 'crit' : 'warn', facts);
    return isComplete(sockets) ? ruledOut(facts) : undecided(unreadable('too-large', 'sockets'));
  },
});

/** By destination whatever the source, most unanswered first; destinations that answer are left out. */
function waitingConnections({ outbound }: Sockets): readonly Waiting[] {
  const byPeer = new Map<string, Waiting>();
  for (const { destination, port, synSent, synSentRetransmitted } of outbound.filter((row) => row.synSent > 0)) {
    const key = `${destination} ${port}`;
    const so = byPeer.get(key) ?? { destination, port, synSent: 0, resent: 0 };
    byPeer.set(key, { ...so, synSent: so.synSent + synSent, resent: so.resent + synSentRetransmitted });
  }
  return [...byPeer.values()].toSorted((a, b) => b.resent - a.resent || b.synSent - a.synSent);
}

function isUnanswered(peer: Waiting | undefined): boolean {
  return peer !== undefined && peer.resent >= FEWEST_TO_ONE && peer.resent >= SHARE * peer.synSent;
}

/** Unanswered in both samples, and enough of them that users notice. */
function isLasting(worst: Waiting | undefined, before: readonly Waiting[]): boolean {
  return (
    worst !== undefined &&
    worst.synSent >= FEWEST_FOR_CRITICAL &&
    isUnanswered(worst) &&
    isUnanswered(before.find(isAt(worst)))
  );
}

function isAt(peer: Waiting | undefined): (other: Waiting) => boolean {
  return (other) => other.destination === peer?.destination && other.port === peer.port;
}

/** The list holds the busiest destinations only: enough waiting connections may be on destinations left out. */
function isComplete({ outbound, states, omitted }: Sockets): boolean {
  const listed = outbound.reduce((sum, { synSent }) => sum + synSent, 0);
  return omitted.outbound === 0 || states['syn-sent'] - listed < FEWEST_TO_ONE;
}

function waitingFacts(waiting: readonly Waiting[]) {
  const [worst] = waiting;
  const all = waiting.reduce((sum, { resent }) => sum + resent, 0);
  const destinations = waiting.filter(({ resent }) => resent > 0).length;
  return {
    destination: named(worst?.destination ?? null, 'sockets'),
    port: setting(worst?.port ?? null, 'sockets'),
    synSent: fact(worst?.synSent ?? 0, 'sockets', 'sockets: SYN_SENT to this destination and port'),
    resent: fact(worst?.resent || null, 'sockets', 'sockets: of synSent, with at least one retransmission'),
    share: fact(worst === undefined ? 0 : worst.resent / worst.synSent, 'ratio', 'resent / synSent'),
    allResent: { ...fact(all, 'sockets', 'sockets: resent, all destinations'), value: all },
    destinations: fact(
      destinations > 1 ? destinations : null,
      'none',
      'sockets: destinations with resent SYNs, if several',
    ),
  };
}

type TimeoutKeys = 'sysctl:net.ipv4.tcp_syn_retries' | 'sysctl:net.ipv4.tcp_syn_linear_timeouts';

function timeoutFacts(maybe: Readonly<Record<TimeoutKeys, Reading<number>>>) {
  const { 'sysctl:net.ipv4.tcp_syn_retries': retries, 'sysctl:net.ipv4.tcp_syn_linear_timeouts': linear } = maybe;
  const known = retries.kind === 'read' ? retries.value : null;
  const straight = linear.kind === 'read' ? linear.value : 0;
  return {
    synRetries: setting(known, 'sysctl:net.ipv4.tcp_syn_retries'),
    givesUpAfter: fact(
      known === null ? null : connectTimeout(known, straight),
      'seconds',
      'synRetries and tcp_syn_linear_timeouts: pauses of 1 s, then 1, 2, 4 … s',
    ),
  };
}
