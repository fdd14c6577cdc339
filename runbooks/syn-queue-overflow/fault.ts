import { connect, defineFault, listen, nft } from '#lab/fault.ts';

/** The client never sees a SYN-ACK, so every handshake stays half open: what a flood of forged SYNs looks like. */
export const fault = defineFault({
  id: 'syn-queue-overflow',
  title: 'Handshakes that nobody completes fill the SYN queue of 64',
  steps: [
    listen('subject', { ports: '8080', backlog: 64 }),
    nft('client', 'filter hook prerouting priority raw', 'tcp sport 8080 tcp flags & (syn | ack) == (syn | ack) drop'),
    connect('client', {
      to: '{subject}',
      ports: '8080',
      count: 200,
      parallel: 200,
      eager: true,
      every: 100,
      batch: 3,
      settle: 500,
    }),
  ],
  expects: { severity: 'warn' },
});
