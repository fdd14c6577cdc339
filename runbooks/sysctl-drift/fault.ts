import { defineFault, file } from '#lab/fault.ts';

const id = 'sysctl-drift';

const unapplied = defineFault({
  id,
  variant: 'unapplied',
  title: 'A file promises another value than the one in force',
  steps: [file('subject', '/etc/sysctl.d/60-tuning.conf', 'net.ipv4.tcp_fin_timeout = 30\n')],
  expects: { severity: 'warn' },
});

/** At boot 60-tuning.conf loses to 70-team.conf; `sysctl --system` ends with /etc/sysctl.conf. */
const contradicted = defineFault({
  id,
  variant: 'contradicted',
  title: 'Three files set one value, and boot and `sysctl --system` disagree on the winner',
  steps: [
    file('subject', '/etc/sysctl.d/60-tuning.conf', 'net.ipv4.tcp_fin_timeout = 20\n'),
    file('subject', '/etc/sysctl.d/70-team.conf', 'net.ipv4.tcp_fin_timeout=60\n'),
    file('subject', '/etc/sysctl.conf', 'net/ipv4/tcp_fin_timeout = 15\n'),
  ],
  expects: { severity: 'warn' },
});

export const faults = [unapplied, contradicted];
