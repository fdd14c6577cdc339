import { connect, defineFault, listen, until } from '#lab/fault.ts';

const id = 'accept-queue-overflow-app-backlog';

/** A pause of 100 ms, a garbage collection say, meets 10 arrivals; between pauses the queue is empty. Looks come once a second: never in step. */
const pauses = defineFault({
  id,
  variant: 'pauses',
  title: 'The service has asked for a queue of 5, and pauses for 100 ms more than twice a second',
  steps: [
    listen('subject', { ports: '8080', backlog: 5, busy: 100, pause: 277 }),
    connect('client', { to: '{subject}', ports: '8080', every: 10, after: 'close', timeout: 3000 }),
    until('subject', { see: 'counter', name: 'TcpExt.ListenOverflows', atLeast: 1 }),
  ],
  expects: { severity: 'crit', alsoAllowed: ['syn-queue-overflow'] },
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
    }),
    until('subject', { see: 'queue', port: 8080, atLeast: 6 }),
  ],
  expects: { severity: 'crit', alsoAllowed: ['accept-queue-slow-accept', 'syn-queue-overflow'] },
});

export const faults = [pauses, stuck];
