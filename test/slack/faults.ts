/** What may go wrong with Slack, on demand: it says no for a while, fails, loses a connection, delivers twice, or what was forged. */
import type { Payload } from './payloads.ts';

export interface CallFault {
  readonly kind: 'rate-limit' | 'fail';
  /** Seconds, for rate limits. */
  readonly retryAfter: number;
  /** HTTP status, for failures. */
  readonly status: number;
  /** What Slack says is wrong. */
  readonly error: string;
  /** The call is carried out all the same, and only its answer is lost. */
  readonly processed: boolean;
}

export type Faults = ReturnType<typeof createFaults>;

export function createFaults() {
  const calls = new Map<string, CallFault[]>();
  const state = { copies: 1, skewSeconds: 0, endsKept: false, forge: (payload: Payload): Payload => payload };

  function queue(method: string, times: number, fault: CallFault): void {
    calls.set(method, [...(calls.get(method) ?? []), ...Array.from({ length: times }, () => fault)]);
  }

  return {
    /** The next `times` calls of the method are answered 429 with Retry-After. */
    rateLimit: (method: string, { times, retryAfter }: { times: number; retryAfter: number }) =>
      queue(method, times, { kind: 'rate-limit', retryAfter, status: 429, error: 'ratelimited', processed: false }),
    /** The next `times` calls of the method are answered with this HTTP status, and this error. */
    fail: (
      method: string,
      {
        times,
        status,
        error = 'internal_error',
        processed = false,
      }: { times: number; status: number; error?: string; processed?: boolean },
    ) => queue(method, times, { kind: 'fail', retryAfter: 0, status, error, processed }),
    /** Everything is delivered so many times, each time as if for the first. */
    deliver({ copies }: { copies: number }): void {
      state.copies = copies;
    },
    /** Timestamps of signed requests are this far in the future. */
    skewClock(seconds: number): void {
      state.skewSeconds = seconds;
    },
    /** A connection that was kept open ends just as the next request comes on it, which is then not carried out. */
    endKeptConnections(is: boolean): void {
      state.endsKept = is;
    },
    /** What people do is sent as `change` makes it, as by somebody who can sign like Slack; undefined = as it is. */
    forge(change: ((payload: Payload) => Payload) | undefined): void {
      state.forge = change ?? ((payload) => payload);
    },
    next: (method: string): CallFault | undefined => calls.get(method)?.shift(),
    copies: () => state.copies,
    skewSeconds: () => state.skewSeconds,
    endsKept: () => state.endsKept,
    forged: (payload: Payload) => state.forge(payload),
  };
}
