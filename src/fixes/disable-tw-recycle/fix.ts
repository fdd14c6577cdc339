import { defineSwitch } from '../switch.ts';

export const fix = defineSwitch({
  id: 'disable-tw-recycle',
  risk: 'low',
  cures: ['tw-recycle-enabled'],
  key: 'net.ipv4.tcp_tw_recycle',
  to: 0,
  counters: { dropped: 'counter:TcpExt.PAWSPassive' },
});
