import { connect, defineFault, listen } from '#lab/fault.ts';

/** A web server that closes first keeps the TIME_WAIT of every client on its own port, where it costs memory only. */
export const fault = defineFault({
  id: 'time-wait-high-but-harmless',
  title: '1500 TIME_WAIT sockets on the port of a service that closes first',
  steps: [
    listen('subject', { ports: '8080', after: 'close' }),
    connect('client', { to: '{subject}', ports: '8080', count: 1500, after: 'wait', parallel: 100 }),
  ],
  expects: { severity: 'info' },
});
