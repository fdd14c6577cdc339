import { connect, defineFault, listen, until } from '#lab/fault.ts';

/** 130 clients want a connection each; the service may have 64 files open, its own included. */
export const fault = defineFault({
  id: 'fd-limit-near',
  title: 'A service may open 64 files and has used them up',
  steps: [
    listen('subject', { ports: '8080' }, { limits: { nofile: 64 } }),
    connect('client', { to: '{subject}', ports: '8080', count: 130, parallel: 130, after: 'hold' }),
    until('subject', { see: 'sockets', filter: 'state established sport = :8080', like: /ino:[1-9]/, atLeast: 36 }),
  ],
  expects: { severity: 'crit', alsoAllowed: ['accept-queue-slow-accept'] },
});
