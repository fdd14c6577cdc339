import { behindNat, connect, defineFault, listen } from '#lab/fault.ts';

/** The subject is a gateway whose table is filled with live connections; new SYNs through it are lost. */
export const fault = defineFault({
  id: 'conntrack-table-full',
  title: 'The connection tracking table of a gateway is full',
  steps: [
    ...behindNat(['client'], 'subject', 'peer', 'masquerade'),
    listen('peer', { ports: '3306' }),
    { kind: 'fill-conntrack', on: 'subject' },
    connect('client', {
      to: '10.79.0.1',
      ports: '3306',
      eager: true,
      every: 100,
      batch: 2,
      timeout: 3000,
      settle: 300,
    }),
  ],
  expects: { severity: 'crit' },
});
