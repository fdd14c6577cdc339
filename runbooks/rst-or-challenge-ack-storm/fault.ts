import { connect, defineFault, listen, until } from '#lab/fault.ts';

/** The service drops its connections with the request still unread, which the kernel must answer with RST. */
export const fault = defineFault({
  id: 'rst-or-challenge-ack-storm',
  title: 'A service closes 20 connections a second without having read the request',
  steps: [
    listen('subject', { ports: '8080', after: 'abort' }),
    connect('client', { to: '{subject}', ports: '8080', every: 100, batch: 2, after: 'wait', send: 200 }),
    until('subject', { see: 'counter', name: 'Tcp.OutRsts', atLeast: 5 }),
  ],
  expects: { severity: 'warn' },
});
