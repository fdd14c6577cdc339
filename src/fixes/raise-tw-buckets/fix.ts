import { fact, setting } from '#domain/fact.ts';
import { defineFix, refused, set, undecided } from '../fix.ts';
import { numberIn, rateOf } from '../number.ts';

const HIGHEST = 2_000_000;
const TIME_WAIT_SECONDS = 60;
/** struct tcp_timewait_sock, as slabinfo shows it for tw_sock_TCP. */
const BYTES_EACH = 256;
const OVERFLOWS = 'counter:TcpExt.TCPTimeWaitOverflow';

export const fix = defineFix({
  id: 'raise-tw-buckets',
  risk: 'low',
  writes: ['net.ipv4.tcp_max_tw_buckets'],
  cures: ['time-wait-bucket-overflow'],
  needs: ['sockstat'],
  uses: ['sysctl:net.ipv4.tcp_max_tw_buckets'],
  usesChange: [OVERFLOWS],

  plan({ now: { sockstat }, maybe, maybeChange }) {
    const limit = maybe['sysctl:net.ipv4.tcp_max_tw_buckets'];
    if (limit.kind === 'absent') return refused('no-key');
    if (limit.kind !== 'read') return undecided(limit);
    const rate = rateOf(maybeChange[OVERFLOWS], OVERFLOWS);
    const facts = {
      value: setting(limit.value, 'sysctl:net.ipv4.tcp_max_tw_buckets'),
      timeWait: fact(sockstat.timeWait, 'sockets', 'sockstat: tw'),
      rate,
    };
    if (limit.value < 0) return refused('unlimited', facts);
    if ((numberIn(rate) ?? 0) === 0) return refused('not-needed', facts);
    const needed = Math.ceil(sockstat.timeWait + (numberIn(rate) ?? 0) * TIME_WAIT_SECONDS);
    const to = Math.min(HIGHEST, Math.max(limit.value * 2, needed));
    if (to <= limit.value) return refused('at-limit', facts);
    const effect = {
      ...facts,
      to: setting(to, `the higher of twice the limit and timeWait + rate * 60 s, at most ${HIGHEST}`),
      memory: fact((to - limit.value) * BYTES_EACH, 'bytes', '(to - value) * 256 B, when all are in use'),
    };
    return set([{ key: 'net.ipv4.tcp_max_tw_buckets', to: String(to) }], effect, [
      { number: 'overflows', wants: 'at-most', value: 0, within: 10 },
    ]);
  },

  measure({ now: { sockstat }, maybeChange }) {
    return {
      overflows: rateOf(maybeChange[OVERFLOWS], OVERFLOWS),
      timeWait: fact(sockstat.timeWait, 'sockets', 'sockstat: tw'),
    };
  },
});
