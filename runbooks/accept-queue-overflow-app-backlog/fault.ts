import { connect, defineFault, listen } from '#lab/fault.ts';

const id = 'accept-queue-overflow-app-backlog';

/** 15 connections arrive while the service is busy for 300 ms with something else; it has asked for a queue of 5. */
const busy = defineFault({
  id,
  variant: 'busy',
  title: 'The service asks listen() for a queue of 5 and is busy for 300 ms at a time',
  steps: [
    listen('subject', { ports: '8080', backlog: 5, busy: 300, pause: 50 }),
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

/** The queue stays full for good: too small a queue and a stuck service look alike, and both are said. */
const stuck = defineFault({
  id,
  variant: 'stuck',
  title: 'The service has asked for a queue of 5 and accepts nobody',
  steps: [
    listen('subject', { ports: '8080', backlog: 5, accept: 'never' }),
    connect('client', {
      to: '{subject}',
      ports: '8080',
      count: 50,
      eager: true,
      every: 100,
      batch: 2,
      timeout: 3000,
      settle: 700,
    }),
  ],
  expects: { severity: 'crit', alsoAllowed: ['accept-queue-slow-accept', 'syn-queue-overflow'] },
});

export const faults = [busy, stuck];
