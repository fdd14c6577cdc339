import { connect, defineFault, listen } from '#lab/fault.ts';

export const fault = defineFault({
  id: 'keepalive-vs-nat-idle-timeout',
  title: '50 long-lived outgoing connections, none with keepalive',
  steps: [
    listen('peer', { ports: '3306' }),
    connect('subject', { to: '{peer}', ports: '3306', count: 50, after: 'hold' }),
  ],
  expects: { severity: 'warn' },
});
