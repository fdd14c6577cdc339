import { crossesNat } from '#diagnosis/address-scope.ts';
import { fact, setting } from '#domain/fact.ts';
import { unreadable } from '#domain/reading.ts';
import { defineFix, refused, set, undecided } from '../fix.ts';
import { rateOf } from '../number.ts';

/** Half of the shortest idle limit in common use: 240 s (Azure). AWS has 350 s, Google Cloud NAT 1,200 s. */
const IDLE_SECONDS = 120;
const INTERVAL_SECONDS = 15;
const PROBES = 5;

export const fix = defineFix({
  id: 'tune-keepalive',
  risk: 'medium',
  writes: ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'],
  cures: ['keepalive-vs-nat-idle-timeout'],
  needs: ['sockets'],
  uses: [
    'sysctl:net.ipv4.tcp_keepalive_time',
    'sysctl:net.ipv4.tcp_keepalive_intvl',
    'sysctl:net.ipv4.tcp_keepalive_probes',
  ],
  usesChange: ['counter:TcpExt.TCPKeepAlive', 'counter:TcpExt.TCPAbortOnTimeout'],

  plan({ now: { sockets }, maybe }) {
    const time = maybe['sysctl:net.ipv4.tcp_keepalive_time'];
    if (time.kind === 'absent') return refused('no-key');
    if (time.kind !== 'read') return undecided(time);
    if (sockets.coverage !== 'all') return undecided(unreadable('too-large', 'sockets'));
    const crossing = sockets.outbound.filter(({ source, destination }) => crossesNat(source, destination));
    const established = crossing.reduce((sum, pool) => sum + pool.established, 0);
    const keepalive = crossing.reduce((sum, pool) => sum + pool.keepalive, 0);
    const facts = {
      value: setting(time.value, 'sysctl:net.ipv4.tcp_keepalive_time'),
      established: fact(established, 'connections', 'sockets: established, private source, public destination'),
      keepalive: fact(keepalive, 'connections', 'sockets: of those, with a keepalive timer running'),
      to: setting(IDLE_SECONDS, 'half of the shortest idle limit in common use, 240 s'),
      death: fact(IDLE_SECONDS + INTERVAL_SECONDS * PROBES, 'seconds', 'time + interval * probes'),
    };
    if (time.value <= IDLE_SECONDS) return refused('already', facts);
    if (established === 0) return refused('not-needed', facts);
    // The keys rule sockets that asked for SO_KEEPALIVE, and no others.
    if (keepalive === 0) return refused('no-so-keepalive', facts);
    return set(
      [
        { key: 'net.ipv4.tcp_keepalive_time', to: String(IDLE_SECONDS) },
        { key: 'net.ipv4.tcp_keepalive_intvl', to: String(INTERVAL_SECONDS) },
        { key: 'net.ipv4.tcp_keepalive_probes', to: String(PROBES) },
      ],
      facts,
      [{ number: 'probes', wants: 'above', value: 0, within: time.value }],
    );
  },

  measure({ maybeChange }) {
    return {
      probes: rateOf(maybeChange['counter:TcpExt.TCPKeepAlive'], 'counter:TcpExt.TCPKeepAlive'),
      lost: rateOf(maybeChange['counter:TcpExt.TCPAbortOnTimeout'], 'counter:TcpExt.TCPAbortOnTimeout'),
    };
  },
});
