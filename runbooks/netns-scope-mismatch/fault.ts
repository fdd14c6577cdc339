import { defineFault, listen } from '#lab/fault.ts';

/** A container's service: its sockets, counters and net sysctls are not those one sees when logging in. */
export const fault = defineFault({
  id: 'netns-scope-mismatch',
  title: 'A service listens in a network namespace of its own',
  steps: [listen('subject', { ports: '8080' }, { nestedNetns: true })],
  expects: { severity: 'warn' },
});
