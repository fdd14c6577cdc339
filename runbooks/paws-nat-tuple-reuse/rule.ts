import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { type Delta, delta, perSecond } from '#domain/evidence.ts';
import { fact, flag, setting } from '#domain/fact.ts';
import { type Reading, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Sockets } from '#evidence/sockets.ts';

/** Six a minute. Single ones are ordinary on a busy host: segments overtake each other. */
const WORTH_SAYING_PER_SECOND = 0.1;
/** In a short interval that rate would be one segment. */
const FEWEST = 3;
/** PAWSEstab counts ordinary reordering as well, so there it takes more, and TIME_WAIT on the listening ports to be met. */
const FEWEST_INEXACT = 5;
const FEWEST_INBOUND_TIME_WAIT = 5;

export const diagnosis = defineDiagnosis({
  id: 'paws-nat-tuple-reuse',
  area: 'nat',
  needs: ['sysctl:net.ipv4.tcp_rfc1337', 'sockets'],
  usesChange: [
    'counter:TcpExt.PAWSTimewait',
    'counter:TcpExt.PAWSEstab',
    'counter:TcpExt.TCPACKSkippedTimeWait',
    'counter:Tcp.PassiveOpens',
  ],

  judge({ now: { sockets, 'sysctl:net.ipv4.tcp_rfc1337': rfc1337 }, maybeChange }) {
    const ofTimeWait = maybeChange['counter:TcpExt.PAWSTimewait'];
    // Kernels without that counter (6.12 and older) put the same segments into PAWSEstab, among others.
    const exact = ofTimeWait.kind !== 'absent';
    const rejected = exact ? ofTimeWait : maybeChange['counter:TcpExt.PAWSEstab'];
    if (rejected.kind !== 'read') return undecided(rejected);
    const facts = {
      ...rejectionFacts(rejected.value, exact),
      unanswered: changeFact(maybeChange['counter:TcpExt.TCPACKSkippedTimeWait'], 'TcpExt.TCPACKSkippedTimeWait'),
      accepted: changeFact(maybeChange['counter:Tcp.PassiveOpens'], 'Tcp.PassiveOpens'),
      inboundTimeWait: fact(inboundTimeWait(sockets), 'sockets', 'sockets: TIME_WAIT on listening ports'),
      held: flag(rfc1337 !== 0, 'sysctl:net.ipv4.tcp_rfc1337'),
      rfc1337: setting(rfc1337, 'sysctl:net.ipv4.tcp_rfc1337'),
    };
    if (!isOften(rejected.value, exact)) return ruledOut(facts);
    if (!exact && sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    if (!exact && inboundTimeWait(sockets) < FEWEST_INBOUND_TIME_WAIT) return ruledOut(facts);
    return found(rfc1337 === 0 ? 'warn' : 'crit', facts);
  },
});

function isOften(rejected: Delta<number>, exact: boolean): boolean {
  return delta(rejected) >= (exact ? FEWEST : FEWEST_INEXACT) && perSecond(rejected) > WORTH_SAYING_PER_SECOND;
}

function inboundTimeWait({ inbound }: Sockets): number {
  return inbound.reduce((sum, { timeWait }) => sum + timeWait, 0);
}

function rejectionFacts(rejected: Delta<number>, exact: boolean) {
  const counter = exact ? 'TcpExt.PAWSTimewait' : 'TcpExt.PAWSEstab';
  return {
    exact: flag(exact, 'counter:TcpExt.PAWSTimewait exists'),
    rejected: fact(delta(rejected), 'packets', `change of counter:${counter}`),
    rejectedPerSecond: fact(perSecond(rejected), 'per-second', 'rejected / seconds'),
    seconds: fact(rejected.seconds, 'seconds', 'between the samples'),
  };
}

function changeFact(reading: Reading<Delta<number>>, counter: string) {
  const value = reading.kind === 'read' ? delta(reading.value) : null;
  return fact(value, 'events', `change of counter:${counter}`);
}
