import { behindNat, defineFault, knock, listen } from '#lab/fault.ts';

/** The subject is a gateway whose table is filled with live connections; new SYNs through it are lost. */
export const fault = defineFault({
  id: 'conntrack-table-full',
  title: 'The connection tracking table of a gateway is full',
  steps: [
    ...behindNat(['client'], 'subject', 'peer', 'masquerade'),
    listen('peer', { ports: '3306' }),
    { kind: 'fill-conntrack', on: 'subject' },
    ...knock('client', '10.79.0.1', '3306'),
  ],
  expects: { severity: 'crit' },
});
