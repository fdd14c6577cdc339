import { connect, defineFault, listen, sysctl } from '#lab/fault.ts';

/** All 100 even ports, which connect() tries first, and 20 odd ones are taken by connections that stay open. */
export const fault = defineFault({
  id: 'ephemeral-half-used-slow-connect',
  title: '120 of 200 local ports towards one destination are in use',
  steps: [
    listen('peer', { ports: '3306' }),
    sysctl('subject', { 'net.ipv4.ip_local_port_range': '40000 40199' }),
    connect('subject', { to: '{peer}', ports: '3306', count: 120, after: 'hold', keepAlive: 60 }),
  ],
  expects: { severity: 'info' },
});
