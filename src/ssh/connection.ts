/** One open, verified connection: how many runs it may carry at once, and whether it still lives. */
import type { Slots } from './slots.ts';
import type { Ssh } from './ssh2/log-in.ts';

export interface Connection {
  readonly kind: 'connected';
  readonly ssh: Ssh;
  /** As fingerprint() gives it. */
  readonly hostKey: string;
  /** For runs; sshd's MaxSessions is 10 unless the host says otherwise. */
  readonly slots: Slots;
  /** For ending runs, which must not wait for the runs to end. */
  readonly endings: Slots;
  /** Why it is gone; undefined while it is not. */
  readonly lost: () => string | undefined;
  /** Says goodbye, and hangs up on a host that does not answer. */
  readonly hangUp: () => Promise<void>;
  readonly closed: Promise<void>;
}
