/** One open, verified connection: how many runs it may carry at once, and whether it still lives. */
import type { Duplex } from 'node:stream';
import type { OpenChannel } from './channel.ts';
import type { Slots } from './slots.ts';

export interface Connection {
  readonly kind: 'connected';
  /** As fingerprint() gives it. */
  readonly hostKey: string;
  /** What let us in, in SSH's words: `publickey (<which key>)`; undefined where ssh does not say. */
  readonly method: string | undefined;
  readonly openChannel: OpenChannel;
  /** A connection of the host's to somewhere else; undefined where ssh finds the way by itself. */
  readonly forward?: (address: string, port: number) => Promise<Duplex>;
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

/** Ways that leave room for each other under sshd's default of ten sessions. */
export const ENDINGS = 3;
/** How long a host may take to say goodbye. */
export const HANG_UP_WITHIN_MS = 500;
