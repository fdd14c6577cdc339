import { connect, defineFault, listen, until } from '#lab/fault.ts';

const id = 'accept-queue-slow-accept';

/** 100 ms for each connection, 40 arrivals a second: the queue only grows, though it is far from full. */
const slow = defineFault({
  id,
  variant: 'slow',
  title: 'The service accepts 10 connections a second, and 40 arrive',
  steps: [
    listen('subject', { ports: '8080', backlog: 1024, accept: 100 }),
    connect('client', { to: '{subject}', ports: '8080', every: 100, batch: 4, after: 'hold' }),
    until('subject', { see: 'queue', port: 8080, atLeast: 20 }),
  ],
  expects: { severity: 'warn' },
});

const stalled = defineFault({
  id,
  variant: 'stalled',
  title: 'The service has stopped accepting, and its queue of 64 is full',
  steps: [
    listen('subject', { ports: '8080', backlog: 64, accept: 'never' }),
    connect('client', {
      to: '{subject}',
      ports: '8080',
      count: 100,
      parallel: 100,
      eager: true,
      every: 200,
      timeout: 3000,
    }),
    until('subject', { see: 'queue', port: 8080, atLeast: 65 }),
  ],
  expects: { severity: 'crit', alsoAllowed: ['accept-queue-overflow-app-backlog'] },
});

export const faults = [slow, stalled];
