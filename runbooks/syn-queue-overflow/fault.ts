import { defineFault, halfOpenHandshakes, listen } from '#lab/fault.ts';

/** The client never sees a SYN-ACK, so every handshake stays half open: what a flood of forged SYNs looks like. */
export const fault = defineFault({
  id: 'syn-queue-overflow',
  title: 'Handshakes that nobody completes fill the SYN queue of 64',
  steps: [listen('subject', { ports: '8080', backlog: 64 }), ...halfOpenHandshakes('client', 'subject', '8080')],
  expects: { severity: 'warn' },
});
