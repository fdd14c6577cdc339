import { defineSwitch } from '../switch.ts';

export const fix = defineSwitch({
  id: 'enable-syncookies',
  risk: 'low',
  cures: ['syncookies-off-silent-drop', 'syn-queue-overflow'],
  key: 'net.ipv4.tcp_syncookies',
  to: 1,
  fine: [2],
  // Above three quarters of tcp_max_syn_backlog a SYN is dropped without a counter of its own (tcp_conn_request).
  counters: { dropped: ['counter:TcpExt.ListenDrops', 'counter:TcpExt.ListenOverflows'] },
});
