import { connect, defineFault, listen, sysctl } from '#lab/fault.ts';

/** 2 is what the kernel starts with: reuse for connections to the host itself, and for nothing else. */
export const fault = defineFault({
  id: 'tw-reuse-loopback-only',
  title: 'tcp_tw_reuse is 2, and most local ports are in TIME_WAIT towards another host',
  steps: [
    listen('peer', { ports: '3306' }),
    sysctl('subject', { 'net.ipv4.ip_local_port_range': '40000 40199', 'net.ipv4.tcp_tw_reuse': 2 }),
    connect('subject', { to: '{peer}', ports: '3306', count: 140, after: 'close' }),
  ],
  expects: { severity: 'info', alsoAllowed: ['ephemeral-half-used-slow-connect'] },
});
