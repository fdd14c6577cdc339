import { perSecondOf, statGrowth } from '#diagnosis/conntrack-stats.ts';
import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import type { Delta } from '#domain/evidence.ts';
import { fact, flag } from '#domain/fact.ts';
import { absent, type Reading, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Conntrack } from '#evidence/conntrack.ts';

/** Two DNS queries sent at once from one socket can lose a race and count here too, a few a minute (commit ed07d9a021df). */
const FEWEST = 3;
const WARNING_PER_SECOND = 0.2;

/** A connection without a port fails again with each SYN it repeats: this many a second are several clients. */
const CRITICAL_PER_SECOND = 1;

/**
 * Judged by packets lost. How full each destination's ports are would be a warning earlier, but only the whole table says it,
 * and reading that takes root and about a second for 262,144 entries.
 */
export const diagnosis = defineDiagnosis({
  id: 'snat-source-port-exhaustion',
  area: 'nat',
  uses: ['sysctl:net.netfilter.nf_conntrack_tcp_timeout_time_wait'],
  usesChange: ['conntrack'],
  explains: ['syn-retransmits-to-destination'],

  judge({ maybe, maybeChange }) {
    const { conntrack } = maybeChange;
    const timeout = maybe['sysctl:net.netfilter.nf_conntrack_tcp_timeout_time_wait'];
    const facts = clashFacts(conntrack, timeout);
    // Without the module nothing rewrites addresses.
    if (conntrack.kind === 'absent') return ruledOut(facts);
    if (conntrack.kind !== 'read') return undecided(conntrack);
    const [failed, rate] = [facts.failed.value, facts.failedPerSecond.value];
    if (failed === null || rate === null) return undecided(whyNotCounted(conntrack.value));
    if (failed < FEWEST || rate < WARNING_PER_SECOND) return ruledOut(facts);
    return found(rate >= CRITICAL_PER_SECOND && !isDatagramRace(facts) ? 'crit' : 'warn', facts);
  },
});

/** The kernel resolves clashes of datagrams only, never of TCP: as many resolved as failed means that datagrams race. */
function isDatagramRace({ failed, resolved }: ReturnType<typeof clashFacts>): boolean {
  return resolved.value !== null && failed.value !== null && resolved.value >= failed.value;
}

function clashFacts(change: Reading<Delta<Conntrack>>, timeout: Reading<number>) {
  const table = change.kind === 'read' ? change.value.after : null;
  const failed = statGrowth(change, 'insert_failed');
  const perSecond = perSecondOf(failed, change);
  return {
    loaded: flag(change.kind !== 'absent', 'conntrack: nf_conntrack_count exists'),
    failed: count(failed, 'packets', 'conntrack: change of insert_failed'),
    failedPerSecond: count(perSecond, 'per-second', 'failed / seconds'),
    seconds: fact(change.kind === 'read' ? change.value.seconds : null, 'seconds', 'host: uptime'),
    dropped: count(statGrowth(change, 'drop'), 'packets', 'conntrack: change of drop'),
    resolved: count(statGrowth(change, 'clashres') || null, 'packets', 'conntrack: change of clashres'),
    count: fact(table?.count ?? null, 'entries', 'conntrack: nf_conntrack_count'),
    max: fact(table?.max || null, 'entries', 'conntrack: nf_conntrack_max'),
    share: fact(table === null || table.max === 0 ? null : table.count / table.max, 'ratio', 'count / max'),
    timeWaitTimeout: fact(
      timeout.kind === 'read' ? timeout.value : null,
      'seconds',
      'sysctl:net.netfilter.nf_conntrack_tcp_timeout_time_wait',
    ),
  };
}

/** A fact whose number the rule goes on with. */
function count(value: number | null, unit: 'packets' | 'per-second', from: string) {
  return { ...fact(value, unit, from), value };
}

function whyNotCounted({ before, after }: Delta<Conntrack>) {
  const counted = [before, after].every(({ stats }) => stats['insert_failed'] !== undefined);
  return counted ? unreadable('counters-reset', 'conntrack') : absent('/proc/net/stat/nf_conntrack');
}
