import { defineFault, file } from '#lab/fault.ts';

/** The switch itself went away with Linux 4.12; what is left to find is the line that still asks for it. */
export const fault = defineFault({
  id: 'tw-recycle-enabled',
  title: 'A file still sets tcp_tw_recycle, which this kernel does not have',
  steps: [file('subject', '/etc/sysctl.d/60-tuning.conf', 'net.ipv4.tcp_tw_recycle = 1\n')],
  expects: { severity: 'info', alsoAllowed: ['sysctl-drift'] },
});
