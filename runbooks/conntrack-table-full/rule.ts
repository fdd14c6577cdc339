import { perSecondOf, statGrowth } from '#diagnosis/conntrack-stats.ts';
import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { type LoggedMessage, loggedMessage, unseenMessage } from '#diagnosis/kernel-message.ts';
import type { Delta } from '#domain/evidence.ts';
import { fact, flag, setting } from '#domain/fact.ts';
import type { Reading } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Conntrack } from '#evidence/conntrack.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { KernelLog } from '#evidence/kernel-log.ts';

/** A burst fills the last fifth within a minute; from NEAR_FULL on the kernel itself begins to clear entries (gc_worker, nf_conntrack_core.c). */
const WARNING = 0.8;
const NEAR_FULL = 0.95;

/** One entry with its extensions, measured on 6.18: 95 MB of slab for 262,094 entries, rounded up. */
const BYTES_PER_ENTRY = 400;

type ConntrackChange = Reading<Delta<Conntrack>>;

/** What the counters and the log say beside the fill level. */
interface Signs {
  /** Packets lost for want of room between the samples; null without a pair of samples. */
  readonly lost: number | null;
  readonly evicted: number | null;
  readonly message: LoggedMessage | undefined;
}

export const diagnosis = defineDiagnosis({
  id: 'conntrack-table-full',
  area: 'nat',
  uses: [
    'conntrack',
    'kernel-log',
    'host',
    'sysctl:net.netfilter.nf_conntrack_tcp_timeout_established',
    'sysctl:net.netfilter.nf_conntrack_tcp_timeout_time_wait',
  ],
  usesChange: ['conntrack'],
  explains: ['syn-retransmits-to-destination'],

  judge({ maybe, maybeChange }) {
    const { conntrack } = maybe;
    if (conntrack.kind !== 'read' && conntrack.kind !== 'absent') return undecided(conntrack);
    const table = conntrack.kind === 'read' ? conntrack.value : null;
    const signs = readSigns(maybe['kernel-log'], maybe.host, maybeChange.conntrack);
    const facts = {
      ...tableFacts(table, maybeChange.conntrack),
      ...signFacts(signs, maybeChange.conntrack),
      establishedTimeout: timeoutFact('established', maybe),
      timeWaitTimeout: timeoutFact('time_wait', maybe),
    };
    const severity = table === null ? null : severityOf(table, signs);
    if (severity !== null) return found(severity, facts);
    // Where there is no table, or no limit, nothing can have been full.
    if (table === null || table.max === 0) return ruledOut(facts);
    const unseen = unseenMessage('conntrack-table-full', maybe['kernel-log'], maybe.host);
    return unseen === undefined ? ruledOut(facts) : undecided(unseen);
  },
});

function readSigns(log: Reading<KernelLog>, host: Reading<HostFacts>, change: ConntrackChange): Signs {
  const dropped = statGrowth(change, 'drop');
  // A packet dropped because its rewritten address was taken counts as insert_failed too: that is no want of room.
  const clashed = statGrowth(change, 'insert_failed') ?? 0;
  return {
    lost: dropped === null ? null : Math.max(0, dropped - clashed),
    evicted: statGrowth(change, 'early_drop'),
    message: isAboutThisNamespace(log, host) ? loggedMessage('conntrack-table-full', log, host) : undefined,
  };
}

/** The log is the machine's. Recent kernels name the namespace unless it is the first one; older ones never do. */
function isAboutThisNamespace(log: Reading<KernelLog>, host: Reading<HostFacts>): boolean {
  if (log.kind !== 'read' || host.kind !== 'read') return false;
  const line = log.value.messages.find(({ message }) => message === 'conntrack-table-full')?.line ?? '';
  const [, namespace] = /in netns (\d+)/.exec(line) ?? [];
  return namespace === undefined || namespace === host.value.netns;
}

function severityOf({ count, max }: Conntrack, { lost, evicted, message }: Signs): 'crit' | 'warn' | null {
  // 0 switches the limit off (__nf_conntrack_alloc).
  if (max === 0) return null;
  const share = count / max;
  if (share >= NEAR_FULL && lost !== null && lost > 0) return 'crit';
  // Full, but what came found room, because half-open entries could be evicted for it.
  if (count >= max) return lost === 0 && evicted !== null && evicted > 0 ? 'warn' : 'crit';
  if (message?.recent) return share >= WARNING ? 'crit' : 'warn';
  return share >= WARNING ? 'warn' : null;
}

function tableFacts(table: Conntrack | null, change: ConntrackChange) {
  const max = table === null || table.max === 0 ? null : table.max;
  const share = table === null || max === null ? null : table.count / max;
  const growth = change.kind === 'read' ? entriesPerSecond(change.value) : null;
  const left = table === null || max === null ? null : max - table.count;
  const lasts = growth !== null && growth > 0 && left !== null && left > 0 ? left / growth : null;
  return {
    loaded: flag(table !== null, 'conntrack: nf_conntrack_count exists'),
    count: fact(table?.count ?? null, 'entries', 'conntrack: nf_conntrack_count of this network namespace'),
    max: fact(max, 'entries', 'conntrack: nf_conntrack_max, one limit for every namespace; 0 = none'),
    buckets: fact(table?.buckets ?? null, 'none', 'conntrack: nf_conntrack_buckets'),
    share: fact(share, 'ratio', 'count / max'),
    growth: fact(growth, 'per-second', 'conntrack: change of nf_conntrack_count / seconds'),
    secondsLeft: fact(lasts, 'seconds', '(max - count) / growth'),
    doubledMax: setting(max === null ? null : max * 2, '2 * max'),
    doublingCost: fact(max === null ? null : max * BYTES_PER_ENTRY, 'bytes', 'max * 400 bytes, when filled'),
  };
}

function entriesPerSecond({ before, after, seconds }: Delta<Conntrack>): number | null {
  return seconds > 0 ? (after.count - before.count) / seconds : null;
}

function signFacts({ lost, evicted, message }: Signs, change: ConntrackChange) {
  return {
    lost: fact(lost || null, 'packets', 'conntrack: change of drop - change of insert_failed'),
    lostPerSecond: fact(perSecondOf(lost, change) || null, 'per-second', 'lost / seconds'),
    evicted: fact(evicted || null, 'entries', 'conntrack: change of early_drop'),
    messages: fact(message?.count ?? null, 'events', 'kernel-log: nf_conntrack: table full, dropping packet'),
    messageAgo: fact(message?.secondsAgo ?? null, 'seconds', 'host: uptime - time of the newest message'),
  };
}

type TimeoutKey = `sysctl:net.netfilter.nf_conntrack_tcp_timeout_${'established' | 'time_wait'}`;

function timeoutFact(state: 'established' | 'time_wait', maybe: Readonly<Record<TimeoutKey, Reading<number>>>) {
  const key: TimeoutKey = `sysctl:net.netfilter.nf_conntrack_tcp_timeout_${state}`;
  const timeout = maybe[key];
  return fact(timeout.kind === 'read' ? timeout.value : null, 'seconds', key);
}
