/** A session channel of a connection, whichever transport carries it: RFC 4254, sections 5 and 6. */

/** What the host is asked to run: a line for the account's shell, or a subsystem such as `sftp`. */
export type ChannelRequest = { readonly exec: string } | { readonly subsystem: string };

export interface Channel {
  /** Sent as the host takes it; what it has not taken is kept. */
  readonly write: (bytes: Buffer) => void;
  /** Nothing more is sent after what was written. */
  readonly end: () => void;
  readonly close: () => void;
}

export type ChannelEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  /** It closed, or the connection did, and the host had said neither. */
  | { readonly kind: 'unsaid' };

/** Who asked for a channel hears either that it is not opened, or that it is, what comes, and once that it is closed. */
export interface ChannelUser {
  /** `reason` is RFC 4254's (section 5.1); undefined when the host refused the request itself, or is gone. */
  readonly onRefused: (reason: number | undefined) => void;
  readonly onOpen: (channel: Channel) => void;
  readonly onStdout: (bytes: Buffer) => void;
  readonly onStderr: (bytes: Buffer) => void;
  readonly onClose: (end: ChannelEnd) => void;
}

/** Never throws. */
export type OpenChannel = (request: ChannelRequest, user: ChannelUser) => void;
