import { defineSwitch } from '../switch.ts';

/** 2 is timestamps without a random offset: peers can use those as well. */
export const fix = defineSwitch({
  id: 'restore-timestamps',
  risk: 'low',
  cures: ['tw-reuse-ineffective-no-timestamps'],
  key: 'net.ipv4.tcp_timestamps',
  to: 1,
  fine: [2],
});
