/** Posts a message once: tries again only where Slack has surely not taken it, because a second copy cannot be taken back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebAPIHTTPError, WebAPIRateLimitedError, WebAPIRequestError, type WebClient } from '@slack/web-api';

/** How often, and how long at most, before the caller hears of it. */
const TRIES = 4;
const WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;

/** Nothing was sent at all. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export type SendOnce = <T>(call: (client: WebClient) => Promise<T>) => Promise<T>;

/** `client` must neither retry by itself nor wait out rate limits. */
export function createSendOnce(client: WebClient): SendOnce {
  return async (call) => {
    for (let tries = 1; ; tries++) {
      try {
        return await call(client);
      } catch (error) {
        const wait = waitBeforeRetry(error, tries);
        if (tries >= TRIES || wait === undefined) throw error;
        await sleep(wait);
      }
    }
  };
}

/** Milliseconds; undefined when it must not be sent again. */
export function waitBeforeRetry(error: unknown, tries: number): number | undefined {
  if (error instanceof WebAPIRateLimitedError) return Math.min(error.retryAfter * 1000, LONGEST_WAIT_MS);
  if (error instanceof WebAPIHTTPError) return error.statusCode >= 500 ? WAIT_MS * 2 ** tries : undefined;
  return surelyNotSent(error) ? WAIT_MS * 2 ** tries : undefined;
}

function surelyNotSent(error: unknown): boolean {
  const cause = error instanceof WebAPIRequestError ? error.original : error;
  return NOT_SENT.has(codeOf(cause) ?? '') || NOT_SENT.has(codeOf((cause as Error | undefined)?.cause) ?? '');
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}

/** Why Slack could not be asked, without what was sent: the innermost reason says most. */
export function unreachedBecause(error: unknown): string {
  const original = error instanceof WebAPIRequestError ? error.original : error;
  const { cause } = original instanceof Error ? original : { cause: undefined };
  const innermost = cause instanceof Error && cause.message !== '' ? cause : original;
  const code = codeOf(innermost);
  const said = innermost instanceof Error ? innermost.message : String(innermost);
  return (said === '' ? (code ?? 'no answer') : said).replace(/\.$/, '');
}

/** Slack's own word for why it refuses, such as `not_in_channel`; undefined for everything else. */
export function refusalOf(error: unknown): string | undefined {
  const data = typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined;
  return typeof data === 'object' && data !== null && 'error' in data ? String(data.error) : undefined;
}
