import { fact, setting } from '#domain/fact.ts';
import { defineFix, refused, type Setting, set, undecided } from '../fix.ts';

const ESTABLISHED_KEY = 'net.netfilter.nf_conntrack_tcp_timeout_established';
const TIME_WAIT_KEY = 'net.netfilter.nf_conntrack_tcp_timeout_time_wait';
/** A day instead of five: longer than any keepalive, and than any load balancer's idle limit. */
const ESTABLISHED_SECONDS = 86_400;
const TIME_WAIT_SECONDS = 60;
const FULL = 0.6;

export const fix = defineFix({
  id: 'shorten-conntrack-timeouts',
  risk: 'medium',
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
    const change = maybeChange.conntrack;
    const failed = change.kind === 'read' ? insertsFailed(change.value.before, change.value.after) : null;
    const facts = {
      count: fact(count, 'entries', 'conntrack: of this network namespace'),
      max: setting(max, 'sysctl:net.netfilter.nf_conntrack_max'),
      share: fact(max === 0 ? null : count / max, 'ratio', 'count / max'),
      failed: fact(failed, 'events', 'conntrack: insert_failed between the samples'),
      established: fact(established.value, 'seconds', `sysctl:${ESTABLISHED_KEY}`),
      timeWait: fact(timeWait.value, 'seconds', `sysctl:${TIME_WAIT_KEY}`),
      newEstablished: fact(Math.min(established.value, ESTABLISHED_SECONDS), 'seconds', 'at most a day'),
      newTimeWait: fact(Math.min(timeWait.value, TIME_WAIT_SECONDS), 'seconds', 'at most 60 s'),
    };
    if ((max === 0 || count / max < FULL) && (failed ?? 0) === 0) return refused('not-needed', facts);
    const settings: readonly Setting[] = [
      ...(established.value > ESTABLISHED_SECONDS
        ? [{ key: ESTABLISHED_KEY, to: String(ESTABLISHED_SECONDS) } as const]
        : []),
      ...(timeWait.value > TIME_WAIT_SECONDS ? [{ key: TIME_WAIT_KEY, to: String(TIME_WAIT_SECONDS) } as const] : []),
    ];
    if (settings.length === 0) return refused('already', facts);
    return set(settings, facts, [{ number: 'count', wants: 'at-most', value: Math.floor(count * 0.9), within: 3600 }]);
  },

  measure({ now: { conntrack }, maybeChange }) {
    const change = maybeChange.conntrack;
    return {
      count: fact(conntrack.count, 'entries', 'conntrack: of this network namespace'),
      failed: fact(
        change.kind === 'read' ? insertsFailed(change.value.before, change.value.after) : null,
        'events',
        'conntrack: insert_failed between the samples',
      ),
    };
  },
});

type Counted = { readonly stats: Readonly<Record<string, number>> };

function insertsFailed(before: Counted, after: Counted): number {
  return (after.stats['insert_failed'] ?? 0) - (before.stats['insert_failed'] ?? 0);
}
