import { connect, defineFault, listen, until } from '#lab/fault.ts';

/** The clients have long closed; the service reads their FIN and forgets its own close(). */
export const fault = defineFault({
  id: 'close-wait-leak',
  title: '200 sockets in CLOSE_WAIT that the service never closes',
  steps: [
    listen('subject', { ports: '8080', after: 'keep' }),
    connect('client', { to: '{subject}', ports: '8080', count: 200, after: 'close' }),
    // Without an inode, the service has not accepted it yet, and that is another trouble.
    until('subject', { see: 'sockets', filter: 'state close-wait sport = :8080', like: /ino:[1-9]/, atLeast: 200 }),
  ],
  expects: { severity: 'warn' },
});
