import { behindNat, connect, defineFault, knock, listen } from '#lab/fault.ts';

/** Ten source ports for all clients towards one destination, all ten held; the eleventh connection is dropped. */
export const fault = defineFault({
  id: 'snat-source-port-exhaustion',
  title: 'A gateway has 10 source ports towards one destination, all in use',
  steps: [
    ...behindNat(['client'], 'subject', 'peer', 'masquerade to :40000-40009'),
    listen('peer', { ports: '3306' }),
    connect('client', { to: '10.79.0.1', ports: '3306', count: 10, after: 'hold' }),
    ...knock('client', '10.79.0.1', '3306'),
  ],
  expects: { severity: 'crit' },
});
