import { connect, defineFault, listen, sysctl, until } from '#lab/fault.ts';

/** listen(1024) is cut to 8 in silence; a pause of 200 ms meets 20 arrivals, between pauses the queue is empty. */
export const fault = defineFault({
  id: 'accept-queue-overflow-somaxconn',
  title: 'The service asks for a queue of 1024, but net.core.somaxconn is 8',
  steps: [
    sysctl('subject', { 'net.core.somaxconn': 8 }),
    listen('subject', { ports: '8080', backlog: 1024, busy: 200, pause: 400 }),
    connect('client', { to: '{subject}', ports: '8080', every: 10, after: 'close', timeout: 3000 }),
    until('subject', { see: 'counter', name: 'TcpExt.ListenOverflows', atLeast: 1 }),
  ],
  // Where the machine itself is busy, the service is slow indeed.
  expects: { severity: 'crit', alsoAllowed: ['syn-queue-overflow', 'accept-queue-slow-accept'] },
});
