import { connect, defineFault, listen, sysctl } from '#lab/fault.ts';

/** Every close beyond 50 skips TIME_WAIT; the peer's last FIN then meets nothing and is answered with RST. */
export const fault = defineFault({
  id: 'time-wait-bucket-overflow',
  title: 'tcp_max_tw_buckets is 50, and 40 connections a second are closed',
  steps: [
    listen('peer', { ports: '3306' }),
    sysctl('subject', { 'net.ipv4.tcp_max_tw_buckets': 50 }),
    connect('subject', { to: '{peer}', ports: '3306', count: 100, after: 'close', every: 100, batch: 4 }),
  ],
  expects: { severity: 'warn', alsoAllowed: ['rst-or-challenge-ack-storm'] },
});
