import { defineFault, halfOpenHandshakes, listen, sysctl } from '#lab/fault.ts';

const id = 'syncookies-off-silent-drop';

const off = defineFault({
  id,
  variant: 'off',
  title: 'tcp_syncookies is 0',
  steps: [sysctl('subject', { 'net.ipv4.tcp_syncookies': 0 })],
  expects: { severity: 'warn' },
});

/** Above three quarters of tcp_max_syn_backlog SYNs are dropped, and only ListenDrops knows. */
const dropping = defineFault({
  id,
  variant: 'dropping',
  title: 'tcp_syncookies is 0 and SYNs are being dropped in silence',
  steps: [
    sysctl('subject', { 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_max_syn_backlog': 64 }),
    listen('subject', { ports: '8080', backlog: 511 }),
    ...halfOpenHandshakes('client', 'subject', '8080'),
  ],
  expects: { severity: 'crit', alsoAllowed: ['syn-queue-overflow'] },
});

export const faults = [off, dropping];
