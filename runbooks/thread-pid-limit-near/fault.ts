import { defineFault, listen } from '#lab/fault.ts';

/** A user of its own, because RLIMIT_NPROC counts all processes of a user on the machine. */
export const fault = defineFault({
  id: 'thread-pid-limit-near',
  title: 'The user of a service may have 64 threads and has 60',
  steps: [listen('subject', { ports: '8080', threads: 60 }, { limits: { u: 64 }, ownUser: true })],
  expects: { severity: 'warn' },
});
