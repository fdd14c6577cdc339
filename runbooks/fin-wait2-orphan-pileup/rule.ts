import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { type LoggedMessage, loggedMessage, unseenMessage } from '#diagnosis/kernel-message.ts';
import { type Delta, delta } from '#domain/evidence.ts';
import { fact, flag } from '#domain/fact.ts';
import type { Missing, Reading } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Sockets } from '#evidence/sockets.ts';
import type { Sockstat } from '#evidence/sockstat.ts';

/** Share of tcp_max_tw_buckets that FIN_WAIT_2 may take before it crowds out TIME_WAIT, whose table it shares. */
const BUCKETS_SHARE = 0.2;

/** Share of tcp_max_orphans that is half way to being reset. */
const ORPHANS_SHARE = 0.5;

/** The kernel counts a stuck orphan up to four times (tcp_out_of_resources, net/ipv4/tcp_timer.c): resets may start here. */
const ORPHANS_MAY_RESET = 0.25;

/** Fewer are an ordinary close under way, whatever the limits are. */
const FEW = 64;

/** A lifetime that is still kind to slow peers; the kernel's default is 60 s. */
const SHORTER_SECONDS = 20;

/** struct tcp_timewait_sock, as slabinfo shows it for tw_sock_TCP. */
const MINI_SOCKET_BYTES = 256;

interface Pile {
  readonly finWait2: number;
  readonly orphans: number;
  /** null = unlimited, or not to be seen from this network namespace. */
  readonly maxBuckets: number | null;
  readonly maxOrphans: number | null;
}

export const diagnosis = defineDiagnosis({
  id: 'fin-wait2-orphan-pileup',
  area: 'connections',
  needs: ['sockets', 'sockstat'],
  uses: [
    'sysctl:net.ipv4.tcp_max_tw_buckets',
    'sysctl:net.ipv4.tcp_max_orphans',
    'sysctl:net.ipv4.tcp_fin_timeout',
    'kernel-log',
    'host',
  ],
  usesChange: ['counter:TcpExt.TCPAbortOnMemory'],
  explains: ['time-wait-bucket-overflow', 'tcp-mem-pressure'],

  judge({ now: { sockets, sockstat }, maybe, maybeChange }) {
    const buckets = maybe['sysctl:net.ipv4.tcp_max_tw_buckets'];
    const maxOrphans = maybe['sysctl:net.ipv4.tcp_max_orphans'];
    const aborts = maybeChange['counter:TcpExt.TCPAbortOnMemory'];
    const message = loggedMessage('too-many-orphans', maybe['kernel-log'], maybe.host);
    const pile = pileOf(sockets, sockstat, buckets, maxOrphans);
    const reset = message?.recent === true || (mayReset(pile) && aborts.kind === 'read' && delta(aborts.value) > 0);
    const facts = {
      ...finWait2Facts(pile, sockets, maybe['sysctl:net.ipv4.tcp_fin_timeout']),
      ...orphanFacts(pile, sockets, { reset, aborts, message }),
    };
    if (reset) return found('crit', facts);
    if (orphansShare(pile) >= ORPHANS_SHARE || finWait2Share(pile) >= BUCKETS_SHARE) return found('warn', facts);
    const blockedBy =
      notCompared(pile, [buckets, maxOrphans], mayReset(pile) ? aborts : undefined) ??
      unseenMessage('too-many-orphans', maybe['kernel-log'], maybe.host);
    return blockedBy === undefined ? ruledOut(facts) : undecided(blockedBy);
  },
});

function pileOf(sockets: Sockets, sockstat: Sockstat, buckets: Reading<number>, maxOrphans: Reading<number>): Pile {
  return {
    finWait2: sockets.states['fin-wait-2'],
    orphans: sockstat.orphans,
    // 0 makes no mini-sockets at all; a negative number is no limit, or none at all on older kernels.
    maxBuckets: buckets.kind === 'read' && buckets.value > 0 ? buckets.value : null,
    maxOrphans: maxOrphans.kind === 'read' ? maxOrphans.value : null,
  };
}

function finWait2Share({ finWait2, maxBuckets }: Pile): number {
  return maxBuckets === null || finWait2 < FEW ? 0 : finWait2 / maxBuckets;
}

function orphansShare({ orphans, maxOrphans }: Pile): number {
  return maxOrphans === null ? 0 : orphans / Math.max(1, maxOrphans);
}

function mayReset(pile: Pile): boolean {
  return orphansShare(pile) >= ORPHANS_MAY_RESET;
}

/** What keeps the pile from being called small: a limit that could not be seen while there is something to compare with it. */
function notCompared(
  { finWait2, orphans }: Pile,
  [buckets, maxOrphans]: readonly [Reading<number>, Reading<number>],
  aborts: Reading<Delta<number>> | undefined,
): Missing | undefined {
  if (finWait2 >= FEW && buckets.kind !== 'read') return buckets;
  if (orphans >= FEW && maxOrphans.kind !== 'read') return maxOrphans;
  return aborts !== undefined && aborts.kind !== 'read' ? aborts : undefined;
}

function finWait2Facts(pile: Pile, { finWait2 }: Sockets, finTimeout: Reading<number>) {
  const seconds = finTimeout.kind === 'read' ? finTimeout.value : null;
  const shorter = seconds !== null && seconds > SHORTER_SECONDS && finWait2.miniSockets >= FEW;
  const share = pile.maxBuckets === null ? null : pile.finWait2 / pile.maxBuckets;
  return {
    finWait2: fact(pile.finWait2, 'sockets', 'sockets: FIN_WAIT_2 = miniSockets + fullOrphans + held'),
    miniSockets: fact(finWait2.miniSockets, 'sockets', 'sockets: FIN_WAIT_2 with the timer timewait'),
    fullOrphans: fact(finWait2.orphans, 'sockets', 'sockets: FIN_WAIT_2 with the timer keepalive'),
    held: fact(finWait2.held || null, 'sockets', 'sockets: FIN_WAIT_2 without a timer, still open in a process'),
    maxBuckets: fact(pile.maxBuckets, 'sockets', 'sysctl:net.ipv4.tcp_max_tw_buckets'),
    bucketsShare: fact(share, 'ratio', 'finWait2 / maxBuckets'),
    finWait2Near: flag(finWait2Share(pile) >= BUCKETS_SHARE, 'bucketsShare >= 20 %'),
    memory: fact(finWait2.miniSockets * MINI_SOCKET_BYTES, 'bytes', 'miniSockets * 256 bytes'),
    finTimeout: fact(seconds, 'seconds', 'sysctl:net.ipv4.tcp_fin_timeout'),
    withShorter: fact(
      shorter ? finWait2.miniSockets * (SHORTER_SECONDS / seconds) : null,
      'sockets',
      'miniSockets * 20 s / finTimeout',
    ),
  };
}

interface Resets {
  readonly reset: boolean;
  readonly aborts: Reading<Delta<number>>;
  readonly message: LoggedMessage | undefined;
}

function orphanFacts(pile: Pile, { states }: Sockets, { reset, aborts, message }: Resets) {
  const share = pile.maxOrphans === null ? null : orphansShare(pile);
  const aborted = aborts.kind === 'read' ? delta(aborts.value) || null : null;
  return {
    finWait1: fact(states['fin-wait-1'] + states['last-ack'], 'sockets', 'sockets: FIN_WAIT_1 + LAST_ACK'),
    orphans: fact(pile.orphans, 'sockets', 'sockstat: orphan, of the whole host'),
    maxOrphans: fact(pile.maxOrphans, 'sockets', 'sysctl:net.ipv4.tcp_max_orphans'),
    orphansShare: fact(share, 'ratio', 'orphans / maxOrphans'),
    orphansNear: flag(reset || orphansShare(pile) >= ORPHANS_SHARE, 'orphansShare >= 50 %, or orphans are being reset'),
    aborts: fact(aborted, 'connections', 'counter:TcpExt.TCPAbortOnMemory, growth between the samples'),
    logged: flag(message?.recent ?? false, 'kernel-log: "too many orphaned sockets" in the last 10 min'),
    loggedAgo: fact(message?.secondsAgo ?? null, 'seconds', 'host: uptime - time of that message'),
  };
}
