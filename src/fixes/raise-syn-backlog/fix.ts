import { kernelAtLeast } from '#diagnosis/kernel-version.ts';
import { flag, setting } from '#domain/fact.ts';
import { defineFix, refused, set, undecided } from '../fix.ts';
import { numberIn, rateOf, rateOfDifference } from '../number.ts';

const HIGHEST = 65_536;
const USUAL = 4096;
const DROPS = 'counter:TcpExt.ListenDrops';
const OVERFLOWS = 'counter:TcpExt.ListenOverflows';
const FULL = 'counter:TcpExt.TCPReqQFullDrop';
const FROM = 'ListenDrops - ListenOverflows, per second between the samples';

export const fix = defineFix({
  id: 'raise-syn-backlog',
  risk: 'low',
  writes: ['net.ipv4.tcp_max_syn_backlog'],
  cures: ['syncookies-off-silent-drop', 'syn-queue-overflow'],
  needs: ['host'],
  uses: ['sysctl:net.ipv4.tcp_max_syn_backlog', 'sysctl:net.ipv4.tcp_syncookies'],
  usesChange: [DROPS, OVERFLOWS, FULL],

  plan({ now: { host }, maybe, maybeChange }) {
    const { 'sysctl:net.ipv4.tcp_max_syn_backlog': backlog, 'sysctl:net.ipv4.tcp_syncookies': cookies } = maybe;
    if (backlog.kind === 'absent') return refused('no-key');
    if (backlog.kind !== 'read') return undecided(backlog);
    if (cookies.kind !== 'read') return undecided(cookies);
    const dropped = rateOfDifference(maybeChange[DROPS], maybeChange[OVERFLOWS], FROM);
    const facts = {
      value: setting(backlog.value, 'sysctl:net.ipv4.tcp_max_syn_backlog'),
      cookies: flag(cookies.value !== 0, 'sysctl:net.ipv4.tcp_syncookies'),
      dropped,
    };
    // Since 4.3 the SYN queue's limit is the listener's backlog; this key counts only where there are no cookies.
    if (cookies.value !== 0 && kernelAtLeast(host.kernel, 4, 3)) return refused('no-effect-here', facts);
    if ((numberIn(dropped) ?? 0) === 0 && (numberIn(rateOf(maybeChange[FULL], FULL)) ?? 0) === 0)
      return refused('not-needed', facts);
    if (backlog.value >= HIGHEST) return refused('at-limit', facts);
    const to = Math.min(HIGHEST, Math.max(USUAL, backlog.value * 2));
    return set(
      [{ key: 'net.ipv4.tcp_max_syn_backlog', to: String(to) }],
      { ...facts, to: setting(to, `at least ${USUAL}, at least twice the value, at most ${HIGHEST}`) },
      [{ number: 'dropped', wants: 'at-most', value: 0, within: 60 }],
    );
  },

  measure({ maybeChange }) {
    return {
      dropped: rateOfDifference(maybeChange[DROPS], maybeChange[OVERFLOWS], FROM),
      full: rateOf(maybeChange[FULL], FULL),
    };
  },
});
