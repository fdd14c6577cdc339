import { connect, defineFault, listen, sysctl, until } from '#lab/fault.ts';

/** The subject closes and the peer never does; each FIN_WAIT_2 counts as a TIME_WAIT bucket for a minute. */
export const fault = defineFault({
  id: 'fin-wait2-orphan-pileup',
  title: '200 sockets in FIN_WAIT_2, of 500 that tcp_max_tw_buckets allows',
  steps: [
    listen('peer', { ports: '3306', after: 'keep' }),
    sysctl('subject', { 'net.ipv4.tcp_max_tw_buckets': 500 }),
    connect('subject', { to: '{peer}', ports: '3306', count: 200, after: 'close' }),
    until('subject', { see: 'sockets', filter: 'state fin-wait-2 dport = :3306', atLeast: 200 }),
  ],
  expects: { severity: 'warn' },
});
