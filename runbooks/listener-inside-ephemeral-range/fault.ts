import { connect, defineFault, listen, sysctl } from '#lab/fault.ts';

const id = 'listener-inside-ephemeral-range';

const unreserved = defineFault({
  id,
  variant: 'unreserved',
  title: 'A service listens on 42424, a port that connect() may hand out',
  steps: [listen('subject', { ports: '42424' })],
  expects: { severity: 'warn' },
});

/** 30 outgoing connections take all even ports of 40, so the one of two ports that was free for a moment is gone. */
const stolen = defineFault({
  id,
  variant: 'stolen',
  title: 'An outgoing connection took the port of a service that was restarting',
  steps: [
    sysctl('subject', { 'net.ipv4.ip_local_port_range': '42000 42039' }),
    listen('peer', { ports: '3306' }),
    listen('subject', { ports: '42002' }),
    connect('subject', { to: '{peer}', ports: '3306', count: 30, after: 'hold', keepAlive: 60 }),
    listen('subject', { ports: '42000', refused: true }),
  ],
  expects: { severity: 'warn', alsoAllowed: ['ephemeral-half-used-slow-connect'] },
});

export const faults = [unreserved, stolen];
