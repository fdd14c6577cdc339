import { defineSwitch } from '../switch.ts';

export const fix = defineSwitch({
  id: 'disable-abort-on-overflow',
  risk: 'low',
  cures: ['abort-on-overflow-enabled'],
  key: 'net.ipv4.tcp_abort_on_overflow',
  to: 0,
  counters: { reset: 'counter:TcpExt.EmbryonicRsts' },
});
