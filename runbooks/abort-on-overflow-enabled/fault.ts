import { defineFault, sysctl } from '#lab/fault.ts';

export const fault = defineFault({
  id: 'abort-on-overflow-enabled',
  title: 'tcp_abort_on_overflow is 1',
  steps: [sysctl('subject', { 'net.ipv4.tcp_abort_on_overflow': 1 })],
  expects: { severity: 'warn' },
});
