import { connect, defineFault, listen, sysctl, until } from '#lab/fault.ts';

/** listen(1024) is cut to 8 in silence; a pause of 600 ms meets 60 arrivals, and most looks meet a pause. */
export const fault = defineFault({
  id: 'accept-queue-overflow-somaxconn',
  title: 'The service asks for a queue of 1024, but net.core.somaxconn is 8',
  steps: [
    sysctl('subject', { 'net.core.somaxconn': 8 }),
    listen('subject', { ports: '8080', backlog: 1024, busy: 600, pause: 100 }),
    connect('client', { to: '{subject}', ports: '8080', every: 10, after: 'close', timeout: 3000 }),
    until('subject', { see: 'counter', name: 'TcpExt.ListenOverflows', atLeast: 1 }),
  ],
  // It is slow as well, and with a longer queue it comes by.
  expects: { severity: 'crit', alsoAllowed: ['syn-queue-overflow', 'accept-queue-slow-accept'] },
});
