import { defineSwitch } from '../switch.ts';

export const fix = defineSwitch({
  id: 'enable-syncookies',
  risk: 'low',
  cures: ['syncookies-off-silent-drop', 'syn-queue-overflow'],
  key: 'net.ipv4.tcp_syncookies',
  to: 1,
  fine: [2],
  counters: { dropped: 'counter:TcpExt.TCPReqQFullDrop' },
});
