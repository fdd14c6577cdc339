/** One command or script run on one host, and every way it can end. */

/** Either an argv (quoted for the remote shell by the ssh folder) or a POSIX sh script fed on stdin. */
export type RunInput =
  | { readonly kind: 'argv'; readonly argv: readonly [string, ...string[]]; readonly stdin?: string }
  | { readonly kind: 'script'; readonly script: string };

export interface RunRequest {
  readonly input: RunInput;
  /** The run is ended, its remote process group too, when this many milliseconds have passed. */
  readonly deadlineMs: number;
  /** At most this many bytes of stdout and stderr together; past it the run is ended. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** Whole UTF-8 characters as they arrive, never split. */
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
}

/** What came back before the end, whatever the end was. */
interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: number;
  readonly milliseconds: number;
}

/** How a run ended. Expected failures are values; nothing here is thrown. `why` is one finished sentence's worth of detail. */
export type RunResult = Output &
  (
    | { readonly kind: 'exited'; readonly code: number }
    | { readonly kind: 'signalled'; readonly signal: string }
    | { readonly kind: 'timed-out' }
    | { readonly kind: 'aborted' }
    | { readonly kind: 'too-much-output' }
    | { readonly kind: 'connection-lost'; readonly why: string }
    | { readonly kind: 'unreachable'; readonly why: string }
    | { readonly kind: 'refused'; readonly why: string }
    | { readonly kind: 'host-key-unknown'; readonly hop: string; readonly fingerprint: string }
    | {
        readonly kind: 'host-key-changed';
        readonly hop: string;
        readonly fingerprint: string;
        readonly knownAt: string;
      }
    | {
        readonly kind: 'host-key-revoked';
        readonly hop: string;
        readonly fingerprint: string;
        readonly knownAt: string;
      }
    | { readonly kind: 'known-hosts-unreadable'; readonly why: string }
    | { readonly kind: 'authentication-failed'; readonly why: string }
  );
