/** How an app took what it was sent: in time with an answer, or not. */
export type Acknowledged =
  | { readonly kind: 'acknowledged'; readonly ms: number; readonly answer: unknown }
  | { readonly kind: 'too-late' }
  | { readonly kind: 'nobody' }
  /** Over HTTP: another status than 200. The app may ask not to be sent it again. */
  | { readonly kind: 'refused'; readonly status: number; readonly again: boolean };

/** Slack's own. */
export const ACK_WITHIN_MS = 3000;

export type EnvelopeType = 'slash_commands' | 'interactive' | 'events_api';

export interface Retry {
  readonly number: number;
  readonly reason: 'http_timeout' | 'http_error' | 'connection_failed';
}

/** Why Slack says that it delivers something again. https://docs.slack.dev/apis/events-api/#retries */
export const RETRY_REASON = { 'too-late': 'http_timeout', refused: 'http_error', nobody: 'connection_failed' } as const;

/** One delivery to the app; resolves when it is acknowledged or the time is over. */
export type Deliver = (
  type: EnvelopeType,
  payload: Readonly<Record<string, unknown>>,
  retry?: Retry,
) => Promise<Acknowledged>;
