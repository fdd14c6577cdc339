import { perSecondOf, statGrowth } from '#diagnosis/conntrack-stats.ts';
import type { Delta } from '#domain/evidence.ts';
import { fact, type Scalar, setting } from '#domain/fact.ts';
import type { Goal } from '#domain/plan.ts';
import type { Reading } from '#domain/reading.ts';
import type { Conntrack } from '#evidence/conntrack.ts';
import { defineFix, refused, set, undecided } from '../fix.ts';
import { numberIn } from '../number.ts';

const ESTABLISHED_KEY = 'net.netfilter.nf_conntrack_tcp_timeout_established';
const TIME_WAIT_KEY = 'net.netfilter.nf_conntrack_tcp_timeout_time_wait';
/** A day instead of five: longer than any keepalive, and than any load balancer's idle limit. */
const ESTABLISHED_SECONDS = 86_400;
const TIME_WAIT_SECONDS = 60;
const FULL = 0.6;

export const fix = defineFix({
  id: 'shorten-conntrack-timeouts',
  risk: 'medium',
  writes: [ESTABLISHED_KEY, TIME_WAIT_KEY],
  cures: ['conntrack-table-full', 'snat-source-port-exhaustion'],
  needs: ['conntrack'],
  uses: [`sysctl:${ESTABLISHED_KEY}`, `sysctl:${TIME_WAIT_KEY}`],
  usesChange: ['conntrack'],

  plan({ now: { conntrack }, maybe, maybeChange }) {
    const { [`sysctl:${ESTABLISHED_KEY}` as const]: established, [`sysctl:${TIME_WAIT_KEY}` as const]: timeWait } =
      maybe;
    if (established.kind === 'absent' || timeWait.kind === 'absent') return refused('no-key');
    if (established.kind !== 'read') return undecided(established);
    if (timeWait.kind !== 'read') return undecided(timeWait);
    const { count, max } = conntrack;
    const failed = insertsFailed(maybeChange.conntrack);
    const facts = {
      count: fact(count, 'entries', 'conntrack: of this network namespace'),
      max: setting(max, 'sysctl:net.netfilter.nf_conntrack_max'),
      share: fact(max === 0 ? null : count / max, 'ratio', 'count / max'),
      failed,
      established: fact(established.value, 'seconds', `sysctl:${ESTABLISHED_KEY}`),
      timeWait: fact(timeWait.value, 'seconds', `sysctl:${TIME_WAIT_KEY}`),
      newEstablished: fact(Math.min(established.value, ESTABLISHED_SECONDS), 'seconds', 'at most a day'),
      newTimeWait: fact(Math.min(timeWait.value, TIME_WAIT_SECONDS), 'seconds', 'at most 60 s'),
    };
    const isFull = max > 0 && count / max >= FULL;
    const isFailing = (numberIn(failed) ?? 0) > 0;
    if (!isFull && !isFailing) return refused('not-needed', facts);
    const settings = [
      ...(established.value > ESTABLISHED_SECONDS
        ? [{ key: ESTABLISHED_KEY, to: String(ESTABLISHED_SECONDS) } as const]
        : []),
      ...(timeWait.value > TIME_WAIT_SECONDS ? [{ key: TIME_WAIT_KEY, to: String(TIME_WAIT_SECONDS) } as const] : []),
    ];
    if (settings.length === 0) return refused('already', facts);
    // A NAT may run out of ports towards one destination while the table is nearly empty, and the other way round.
    const goals: readonly Goal[] = [
      ...(isFull ? [{ number: 'count', wants: 'at-most', value: Math.floor(count * 0.9), within: 3600 } as const] : []),
      ...(isFailing ? [{ number: 'failed', wants: 'at-most', value: 0, within: timeWait.value } as const] : []),
    ];
    return set(settings, facts, goals);
  },

  measure({ now: { conntrack }, maybeChange }) {
    return {
      count: fact(conntrack.count, 'entries', 'conntrack: of this network namespace'),
      failed: insertsFailed(maybeChange.conntrack),
    };
  },
});

function insertsFailed(change: Reading<Delta<Conntrack>>): Scalar {
  const rate = perSecondOf(statGrowth(change, 'insert_failed'), change);
  return fact(rate, 'per-second', 'conntrack: insert_failed / seconds between the samples');
}
