import { connect, defineFault, listen, sysctl } from '#lab/fault.ts';

/** listen(1024) is cut to 8 in silence; 15 connections arrive while the service is busy for 300 ms. */
export const fault = defineFault({
  id: 'accept-queue-overflow-somaxconn',
  title: 'The service asks for a queue of 1024, but net.core.somaxconn is 8',
  steps: [
    sysctl('subject', { 'net.core.somaxconn': 8 }),
    listen('subject', { ports: '8080', backlog: 1024, busy: 300, pause: 50 }),
    connect('client', {
      to: '{subject}',
      ports: '8080',
      every: 20,
      after: 'close',
      timeout: 3000,
      settle: 1500,
    }),
  ],
  expects: { severity: 'crit', alsoAllowed: ['accept-queue-slow-accept', 'syn-queue-overflow'] },
});
