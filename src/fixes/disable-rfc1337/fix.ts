import { defineSwitch } from '../switch.ts';

export const fix = defineSwitch({
  id: 'disable-rfc1337',
  risk: 'low',
  cures: ['paws-nat-tuple-reuse'],
  key: 'net.ipv4.tcp_rfc1337',
  to: 0,
});
