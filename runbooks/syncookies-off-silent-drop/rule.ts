import { rate } from '#diagnosis/accept-walk.ts';
import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { type Delta, perSecond } from '#domain/evidence.ts';
import { fact, flag, setting } from '#domain/fact.ts';
import type { Reading } from '#domain/reading.ts';
import { found, ruledOut } from '#domain/verdict.ts';

const COOKIES = 'sysctl:net.ipv4.tcp_syncookies';
const BACKLOG = 'sysctl:net.ipv4.tcp_max_syn_backlog';

export const diagnosis = defineDiagnosis({
  id: 'syncookies-off-silent-drop',
  area: 'syn',
  needs: [COOKIES],
  uses: [BACKLOG, 'sockets'],
  usesChange: ['counter:TcpExt.ListenDrops', 'counter:TcpExt.ListenOverflows'],
  explains: ['syn-queue-overflow'],

  judge({ now, maybe, maybeChange }) {
    const { 'counter:TcpExt.ListenDrops': drops, 'counter:TcpExt.ListenOverflows': overflows } = maybeChange;
    const backlog = maybe[BACKLOG].kind === 'read' ? maybe[BACKLOG].value : null;
    const silent = silentDrops(drops, overflows);
    const facts = {
      value: setting(now[COOKIES], COOKIES),
      drops: fact(rate(drops), 'per-second', 'counter:TcpExt.ListenDrops / seconds'),
      overflows: fact(rate(overflows), 'per-second', 'counter:TcpExt.ListenOverflows / seconds'),
      silentDrops: fact(silent, 'per-second', 'drops - overflows'),
      dropping: flag(silent !== null && silent > 0, 'silentDrops > 0'),
      maxSynBacklog: setting(backlog, BACKLOG),
      dropsAbove: fact(
        backlog === null ? null : halfOpenLimit(backlog),
        'sockets',
        'maxSynBacklog - maxSynBacklog / 4 (rounded down) + 1',
      ),
      halfOpen: fact(
        maybe.sockets.kind === 'read' ? maybe.sockets.value.states['syn-recv'] : null,
        'sockets',
        'sockets',
      ),
    };
    if (now[COOKIES] !== 0) return ruledOut(facts);
    return found(silent !== null && silent > 0 ? 'crit' : 'warn', facts);
  },
});

/** Every overflow of an accept queue is counted as a drop too; what is left was dropped before it came to that. */
function silentDrops(drops: Reading<Delta<number>>, overflows: Reading<Delta<number>>): number | null {
  if (drops.kind !== 'read' || overflows.kind !== 'read') return null;
  return perSecond(drops.value) - perSecond(overflows.value);
}

/** Half-open connections of one listener up to which a new peer gets in (tcp_conn_request, net/ipv4/tcp_input.c). */
function halfOpenLimit(maxSynBacklog: number): number {
  return maxSynBacklog - Math.floor(maxSynBacklog / 4) + 1;
}
