import { defineFault, listen } from '#lab/fault.ts';

/** A user of its own, because RLIMIT_NPROC counts all processes of a user on the machine. */
export const fault = defineFault({
  id: 'thread-pid-limit-near',
  title: 'The user of a service may have 33 threads and has 30',
  steps: [listen('subject', { ports: '8080', threads: 30 }, { limits: { nproc: 33 }, ownUser: true })],
  expects: { severity: 'warn' },
});
