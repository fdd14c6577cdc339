import { connect, defineFault, listen, sysctl } from '#lab/fault.ts';

/** Reuse is on here, but the peer refuses timestamps, and without them no TIME_WAIT port may be taken over. */
export const fault = defineFault({
  id: 'tw-reuse-ineffective-no-timestamps',
  title: 'tcp_tw_reuse is on, but the peer does not negotiate timestamps',
  steps: [
    sysctl('peer', { 'net.ipv4.tcp_timestamps': 0 }),
    listen('peer', { ports: '3306' }),
    sysctl('subject', { 'net.ipv4.ip_local_port_range': '40000 40199', 'net.ipv4.tcp_tw_reuse': 1 }),
    connect('subject', { to: '{peer}', ports: '3306', count: 4, after: 'hold', keepAlive: 60 }),
    connect('subject', { to: '{peer}', ports: '3306', count: 140, after: 'close' }),
  ],
  expects: { severity: 'warn', alsoAllowed: ['ephemeral-half-used-slow-connect'] },
});
