import { connect, defineFault, listen } from '#lab/fault.ts';

const id = 'accept-queue-overflow-app-backlog';

/** Bursts of 30 arrive while the service is busy for 300 ms with something else; it has asked for a queue of 5. */
const bursts = defineFault({
  id,
  variant: 'bursts',
  title: 'The service asks listen() for a queue of 5 and gets bursts of 30 connections',
  steps: [
    listen('subject', { ports: '8080', backlog: 5, busy: 300, pause: 50 }),
    connect('client', {
      to: '{subject}',
      ports: '8080',
      every: 350,
      batch: 30,
      after: 'close',
      timeout: 3000,
      settle: 1500,
    }),
  ],
  expects: { severity: 'crit', alsoAllowed: ['accept-queue-slow-accept'] },
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
  expects: { severity: 'crit', alsoAllowed: ['accept-queue-slow-accept'] },
});

export const faults = [bursts, stuck];
