/** One command or script run on one host, and every way it can end. */

/** Either an argv (quoted for the remote shell by the ssh folder) or a POSIX sh script fed on stdin. */
export type CommandInput =
  | { readonly kind: 'argv'; readonly argv: readonly [string, ...string[]]; readonly stdin?: string }
  | {
      readonly kind: 'script';
      readonly script: string;
      /** Sent through gzip where the host has one: a third of the bytes, for one process more. */
      readonly packed?: boolean;
    };

export interface Command {
  readonly input: CommandInput;
  /** The run is ended, its remote process group too, when this many milliseconds have passed. */
  readonly deadlineMs: number;
  /** At most this many bytes of stdout and stderr together; past it the run is ended. */
  readonly maxBytes: number;
  /** The only key that the host may have shown, as `ssh-keygen -l` prints it; with another one, nothing is run. */
  readonly hostKey?: string;
  readonly signal?: AbortSignal;
  /** Whole UTF-8 characters as they arrive, never split. */
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
}

/** What came back before the end, whatever the end was. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: number;
  readonly milliseconds: number;
  /** The key that the host itself, not a jump host, showed, as `ssh-keygen -l` prints it; null without a connection. */
  readonly hostKey: string | null;
}

/** Said when a run was ended and its processes on the host could not be shown to be gone. */
interface Ended {
  readonly leftRunning?: string;
}

/** The jump host where it happened, with which `why` begins; left out where it is the host itself. */
interface Somewhere {
  readonly at?: string;
}

/** Why no connection could be opened, or what happened to it. `why` follows a colon: no capital, no stop. */
export type ConnectionFailure =
  | ({ readonly kind: 'connection-lost'; readonly why: string } & Somewhere)
  | ({ readonly kind: 'unreachable'; readonly why: string } & Somewhere)
  | ({ readonly kind: 'refused'; readonly why: string } & Somewhere)
  /** By the ProxyCommand, which names itself in `why`. */
  | ({ readonly kind: 'proxy-failed'; readonly why: string } & Somewhere)
  /** The host is for OpenSSH's ssh, and this machine has none. */
  | { readonly kind: 'no-ssh' }
  /** What is here does not fit the host, or its work; trying again does not help. */
  | ({ readonly kind: 'ssh-unfit'; readonly why: string } & Somewhere)
  | { readonly kind: 'host-key-unknown'; readonly hop: string; readonly fingerprint: string }
  | { readonly kind: 'host-key-changed'; readonly hop: string; readonly fingerprint: string; readonly knownAt: string }
  | { readonly kind: 'host-key-revoked'; readonly hop: string; readonly fingerprint: string; readonly knownAt: string }
  | ({ readonly kind: 'known-hosts-unreadable'; readonly why: string } & Somewhere)
  | ({ readonly kind: 'authentication-failed'; readonly why: string; readonly denied?: Denied } & Somewhere);

/** Where another key would not help: the host hung up over how many there were, or it takes no key, or not a key alone. */
export type Denied = 'tooManyKeys' | 'takesNoKey';

/** The host is verified, but shows `fingerprint` where the command asked for `wanted`. */
export interface OtherHostKey {
  readonly kind: 'host-key-other';
  readonly hop: string;
  readonly fingerprint: string;
  readonly wanted: string;
}

/** How a run ended. Expected failures are values; nothing here is thrown. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | ({ readonly kind: 'timed-out' } & Ended)
  | ({ readonly kind: 'aborted' } & Ended)
  | ({ readonly kind: 'too-much-output' } & Ended)
  | OtherHostKey
  | ConnectionFailure;

export type CommandResult = Output & CommandEnd;

const MAY_HAVE_RUN: readonly CommandEnd['kind'][] = [
  'exited',
  'connection-lost',
  'timed-out',
  'aborted',
  'signalled',
  'too-much-output',
];

/** Nothing of the command can have begun on the host. */
export function neverRan({ kind }: CommandEnd): boolean {
  return !MAY_HAVE_RUN.includes(kind);
}
