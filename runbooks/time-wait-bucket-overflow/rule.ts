import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { kernelAtLeast } from '#diagnosis/kernel-version.ts';
import { type Delta, delta, perSecond } from '#domain/evidence.ts';
import { fact, flag, setting } from '#domain/fact.ts';
import type { Missing, Reading } from '#domain/reading.ts';
import { found, type Judgement, ruledOut, undecided } from '#domain/verdict.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { KernelLog } from '#evidence/kernel-log.ts';

/** Past this share of the buckets, the next burst overflows them. */
const NEAR = 0.8;

/** Connections reset while in use, per second and per overflow: below these the resets have another cause. */
const RESETS_PER_SECOND = 1;
const RESETS_PER_OVERFLOW = 0.1;

/** Where only the kernel log tells (before the counter existed), a message this old is history. Seconds. */
const RECENT = 600;

const TIME_WAIT_SECONDS = 60;
const BYTES_EACH = 256;

export const diagnosis = defineDiagnosis({
  id: 'time-wait-bucket-overflow',
  area: 'time-wait',
  needs: ['sockstat'],
  uses: ['host', 'kernel-log', 'sysctl:net.ipv4.tcp_max_tw_buckets'],
  usesChange: ['counter:TcpExt.TCPTimeWaitOverflow', 'counter:Tcp.OutRsts', 'counter:Tcp.EstabResets'],
  explains: ['rst-or-challenge-ack-storm'],

  judge({ now, maybe, maybeChange }) {
    const buckets = bucketsOf(maybe['sysctl:net.ipv4.tcp_max_tw_buckets'], now.sockstat.timeWait, maybe.host);
    const overflow = overflowOf(maybeChange['counter:TcpExt.TCPTimeWaitOverflow'], maybe['kernel-log'], maybe.host);
    const resets = maybeChange['counter:Tcp.EstabResets'];
    const facts = bucketFacts(now.sockstat.timeWait, buckets, overflow, resets, maybeChange['counter:Tcp.OutRsts']);
    if (overflow.kind === 'overflowing') return found(breaksConnections(overflow, resets) ? 'crit' : 'warn', facts);
    if (buckets.kind === 'limited' && now.sockstat.timeWait >= NEAR * buckets.limit) return found('warn', facts);
    return notFound(buckets, overflow, facts);
  },
});

type Buckets =
  /** `limit` 0 = every close skips TIME_WAIT, for which `setting` may also be negative. */
  | { readonly kind: 'limited'; readonly limit: number; readonly setting: number }
  | { readonly kind: 'unlimited'; readonly setting: number }
  | { readonly kind: 'unknown'; readonly why: Missing };

/** A negative limit means none before 5.18 (signed comparison), and no limit since (unsigned: tw_refcount, net/ipv4/inet_timewait_sock.c). */
function bucketsOf(reading: Reading<number>, timeWait: number, host: Reading<HostFacts>): Buckets {
  if (reading.kind !== 'read') return { kind: 'unknown', why: reading };
  const setting = reading.value;
  if (setting >= 0) return { kind: 'limited', limit: setting, setting };
  if (timeWait === 0 && host.kind !== 'read') return { kind: 'unknown', why: host };
  const unsigned = timeWait > 0 || (host.kind === 'read' && kernelAtLeast(host.value.kernel, 5, 18));
  return unsigned ? { kind: 'unlimited', setting } : { kind: 'limited', limit: 0, setting };
}

type Overflow =
  /** By the counter: sockets closed without TIME_WAIT between the samples; null where only the kernel log says so. */
  | { readonly kind: 'overflowing'; readonly sockets: number | null; readonly rate: number | null }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly why: Missing };

/** The counter came with 2.6.37; older kernels write a line to their log. */
function overflowOf(counter: Reading<Delta<number>>, log: Reading<KernelLog>, host: Reading<HostFacts>): Overflow {
  if (counter.kind === 'read') {
    const sockets = delta(counter.value);
    return sockets > 0 ? { kind: 'overflowing', sockets, rate: perSecond(counter.value) } : { kind: 'none' };
  }
  if (counter.kind !== 'absent') return { kind: 'unknown', why: counter };
  if (log.kind !== 'read') return { kind: 'unknown', why: log };
  const line = log.value.messages.find(({ message }) => message === 'time-wait-overflow');
  if (line === undefined) return { kind: 'none' };
  const now = host.kind === 'read' ? host.value.uptime : 0;
  const recent = line.last === null || now - line.last <= RECENT;
  return recent ? { kind: 'overflowing', sockets: null, rate: null } : { kind: 'none' };
}

function breaksConnections({ rate }: { readonly rate: number | null }, resets: Reading<Delta<number>>): boolean {
  if (rate === null || resets.kind !== 'read') return false;
  return perSecond(resets.value) >= Math.max(RESETS_PER_SECOND, rate * RESETS_PER_OVERFLOW);
}

function notFound(buckets: Buckets, overflow: Overflow, facts: ReturnType<typeof bucketFacts>): Judgement {
  if (overflow.kind === 'unknown') return undecided(overflow.why);
  if (buckets.kind === 'unknown') return undecided(buckets.why);
  return ruledOut(facts);
}

function bucketFacts(
  timeWait: number,
  buckets: Buckets,
  overflow: Overflow,
  resets: Reading<Delta<number>>,
  resetsSent: Reading<Delta<number>>,
) {
  const capped = buckets.kind === 'limited' && buckets.limit > 0 ? buckets.limit : null;
  const rate = overflow.kind === 'overflowing' ? overflow.rate : null;
  const needed = rate === null ? null : Math.ceil(timeWait + rate * TIME_WAIT_SECONDS);
  return {
    timeWait: fact(timeWait, 'sockets', 'sockstat: tw (FIN_WAIT_2 mini-sockets included)'),
    limit: setting(buckets.kind === 'unknown' ? null : buckets.setting, 'sysctl:net.ipv4.tcp_max_tw_buckets'),
    unlimited: flag(buckets.kind === 'unlimited', 'limit < 0, since Linux 5.18'),
    disabled: flag(buckets.kind === 'limited' && buckets.limit === 0, 'limit = 0, or negative before Linux 5.18'),
    share: fact(capped === null ? null : timeWait / capped, 'ratio', 'timeWait / limit'),
    overflowing: flag(overflow.kind === 'overflowing', 'counter:TcpExt.TCPTimeWaitOverflow, or the kernel log'),
    overflows: fact(
      overflow.kind === 'overflowing' ? overflow.sockets : null,
      'sockets',
      'counter:TcpExt.TCPTimeWaitOverflow',
    ),
    rate: fact(rate, 'per-second', 'overflows / seconds between the samples'),
    needed: fact(needed, 'sockets', 'timeWait + rate * 60 s'),
    neededMemory: fact(needed === null ? null : needed * BYTES_EACH, 'bytes', 'needed * 256 B'),
    resets: fact(rateOf(resets), 'per-second', 'counter:Tcp.EstabResets / seconds between the samples'),
    resetsSent: fact(rateOf(resetsSent), 'per-second', 'counter:Tcp.OutRsts / seconds between the samples'),
  };
}

/** null also when nothing happened. */
function rateOf(change: Reading<Delta<number>>): number | null {
  return change.kind === 'read' && delta(change.value) > 0 ? perSecond(change.value) : null;
}
