import { defineSwitch } from '../switch.ts';

/** Kernels of Alibaba Cloud have this knob; upstream has none, and its length is 60 s. */
export const fix = defineSwitch({
  id: 'restore-time-wait-length',
  risk: 'medium',
  cures: ['timewait-length-nondefault'],
  key: 'net.ipv4.tcp_tw_timeout',
  to: 60,
});
