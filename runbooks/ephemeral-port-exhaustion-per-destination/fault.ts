import { connect, defineFault, listen, sysctl } from '#lab/fault.ts';

/** 200 local ports, each kept in TIME_WAIT for 60 s after the subject has closed its connection to one database. */
function closes(connections: number, severity: 'crit' | 'warn') {
  return defineFault({
    id: 'ephemeral-port-exhaustion-per-destination',
    variant: severity,
    title: `${Math.min(connections, 200)} of 200 local ports towards one destination are in TIME_WAIT`,
    steps: [
      listen('peer', { ports: '3306' }),
      sysctl('subject', { 'net.ipv4.ip_local_port_range': '40000 40199', 'net.ipv4.tcp_tw_reuse': 0 }),
      connect('subject', { to: '{peer}', ports: '3306', count: connections, after: 'close' }),
    ],
    expects: { severity, alsoAllowed: ['ephemeral-half-used-slow-connect', 'tw-reuse-loopback-only'] },
  });
}

export const faults = [closes(300, 'crit'), closes(172, 'warn')];
