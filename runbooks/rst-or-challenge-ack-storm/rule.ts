import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { type Delta, delta, perSecond } from '#domain/evidence.ts';
import { fact, flag } from '#domain/fact.ts';
import { isUnknown, type Reading } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';

/** Of all connections opened; below it resets are what a large service sees every day. */
const SHARE = 0.05;
/** Health checks that connect and reset come to a few a second, and are all the traffic of an idle host. */
const FEWEST_PER_SECOND = 5;
const CHALLENGES_PER_SECOND = 1;
/** A cause of fewer than this share of the resets is not what to look into. */
const PART_WORTH_NAMING = 0.1;

const RESETS = ['counter:Tcp.OutRsts', 'counter:Tcp.EstabResets'] as const;
const OPENS = ['counter:Tcp.ActiveOpens', 'counter:Tcp.PassiveOpens'] as const;
/** A kernel without these counters sends no challenge ACKs: they came together (3.6). */
const CHALLENGES = ['counter:TcpExt.TCPChallengeACK', 'counter:TcpExt.TCPSYNChallenge'] as const;
const CAUSES = [
  'counter:TcpExt.TCPAbortOnClose',
  'counter:TcpExt.TCPAbortOnData',
  'counter:TcpExt.TCPAbortOnLinger',
  'counter:TcpExt.TCPAbortOnTimeout',
  ...CHALLENGES,
] as const;

type Growths = Readonly<Record<(typeof RESETS | typeof OPENS)[number], Delta<number>>>;
type Causes = Readonly<Record<(typeof CAUSES)[number], Reading<Delta<number>>>>;

export const diagnosis = defineDiagnosis({
  id: 'rst-or-challenge-ack-storm',
  area: 'connections',
  needsChange: [...RESETS, ...OPENS],
  usesChange: CAUSES,

  judge({ change, maybeChange }) {
    const resets = RESETS.map((key) => change[key]).toSorted((a, b) => delta(b) - delta(a))[0] ?? change[RESETS[0]];
    const opened = delta(change[OPENS[0]]) + delta(change[OPENS[1]]);
    const challenges = rateOf(maybeChange['counter:TcpExt.TCPChallengeACK']);
    const synChallenges = rateOf(maybeChange['counter:TcpExt.TCPSYNChallenge']);
    const storm = perSecond(resets) >= FEWEST_PER_SECOND && delta(resets) > SHARE * opened;
    const challenged = Math.max(challenges ?? 0, synChallenges ?? 0) > CHALLENGES_PER_SECOND;
    const facts = {
      ...resetFacts(change, delta(resets), opened),
      ...causeFacts(change, maybeChange, PART_WORTH_NAMING * delta(resets)),
      storm: flag(storm, 'max(sent, broken) > 5 % of opened, and at least 5 a second'),
      challenges: fact(challenges, 'per-second', 'counter:TcpExt.TCPChallengeACK: change / seconds'),
      synChallenges: fact(synChallenges || null, 'per-second', 'counter:TcpExt.TCPSYNChallenge: change / seconds'),
    };
    if (storm || challenged) return found('warn', facts);
    const uncounted = CHALLENGES.map((key) => maybeChange[key]).find(isUnknown);
    return uncounted === undefined ? ruledOut(facts) : undecided(uncounted);
  },
});

function resetFacts(change: Growths, most: number, opened: number) {
  const [sent, broken] = [change['counter:Tcp.OutRsts'], change['counter:Tcp.EstabResets']];
  return {
    sent: fact(delta(sent), 'packets', 'counter:Tcp.OutRsts: change'),
    sentPerSecond: fact(perSecond(sent), 'per-second', 'sent / seconds'),
    broken: fact(delta(broken), 'connections', 'counter:Tcp.EstabResets: change'),
    brokenPerSecond: fact(perSecond(broken), 'per-second', 'broken / seconds'),
    opened: fact(opened, 'connections', 'counter:Tcp.ActiveOpens + counter:Tcp.PassiveOpens: change'),
    share: fact(opened === 0 ? null : most / opened, 'ratio', 'max(sent, broken) / opened'),
    seconds: fact(sent.seconds, 'seconds', 'host: uptime'),
  };
}

/** Which part of the resets has which cause; null where it is next to none, so that a page names only what matters. */
function causeFacts(change: Growths, maybe: Causes, fewest: number) {
  const grown = (key: keyof Causes) => growthOf(maybe[key]) ?? 0;
  const unread = grown('counter:TcpExt.TCPAbortOnClose');
  const thrownAway = grown('counter:TcpExt.TCPAbortOnData') + grown('counter:TcpExt.TCPAbortOnLinger');
  const timedOut = grown('counter:TcpExt.TCPAbortOnTimeout');
  // EstabResets counts the connections this host broke off as well (tcp_set_state, net/ipv4/tcp.c).
  const byPeer = delta(change['counter:Tcp.EstabResets']) - unread - thrownAway - timedOut;
  const unmatched = delta(change['counter:Tcp.OutRsts']) - unread - thrownAway;
  const cause = (number: number, from: string) =>
    fact(number > 0 && number >= fewest ? number : null, 'connections', `${from}; from a tenth of the resets`);
  return {
    unread: cause(unread, 'counter:TcpExt.TCPAbortOnClose: change'),
    thrownAway: cause(thrownAway, 'counter:TcpExt.TCPAbortOnData + counter:TcpExt.TCPAbortOnLinger: change'),
    timedOut: cause(timedOut, 'counter:TcpExt.TCPAbortOnTimeout: change'),
    byPeer: cause(byPeer, 'broken - unread - thrownAway - timedOut'),
    unmatched: cause(unmatched, 'sent - unread - thrownAway: answers to packets of no open connection'),
  };
}

function growthOf(change: Reading<Delta<number>>): number | null {
  return change.kind === 'read' ? delta(change.value) : null;
}

function rateOf(change: Reading<Delta<number>>): number | null {
  return change.kind === 'read' ? perSecond(change.value) : null;
}
