/** Whether Slack takes our tokens, and what it lets them do. Connects to nothing, posts nothing. */
import { WebClient } from '@slack/web-api';
import { boltLogger } from './bolt-logger.ts';
import { refusalOf, unreachedBecause } from './post.ts';
import { SCOPES } from './scopes.ts';

export type TokenStanding =
  /** `missing`: null when Slack, or what stands between, does not say which scopes there are. */
  | { readonly kind: 'taken'; readonly team: string; readonly bot: string; readonly missing: readonly string[] | null }
  | { readonly kind: 'refused'; readonly why: string }
  /** Nothing is known about the token. */
  | { readonly kind: 'unreachable'; readonly why: string };

const WITHIN_MS = 10_000;
const QUIET = boltLogger({ debug() {}, info() {}, warn() {}, error() {} });

export async function askBotToken(token: string, apiUrl: string | undefined): Promise<TokenStanding> {
  return ask(token, apiUrl, async (client) => {
    const { team = '', user = '', response_metadata: metadata } = await client.auth.test();
    const { scopes } = (metadata ?? {}) as { readonly scopes?: readonly string[] };
    const missing = scopes === undefined ? null : SCOPES.filter((scope) => !scopes.includes(scope));
    return { kind: 'taken', team, bot: user, missing };
  });
}

/** Asks for the address of a connection, and does not use it. */
export async function askAppToken(token: string, apiUrl: string | undefined): Promise<TokenStanding> {
  return ask(token, apiUrl, async (client) => {
    await client.apps.connections.open();
    return { kind: 'taken', team: '', bot: '', missing: [] };
  });
}

async function ask(
  token: string,
  apiUrl: string | undefined,
  question: (client: WebClient) => Promise<TokenStanding>,
): Promise<TokenStanding> {
  const options = { timeout: WITHIN_MS, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logger: QUIET };
  const client = new WebClient(token, apiUrl === undefined ? options : { ...options, slackApiUrl: apiUrl });
  try {
    return await question(client);
  } catch (error) {
    const why = refusalOf(error);
    return why === undefined ? { kind: 'unreachable', why: unreachedBecause(error) } : { kind: 'refused', why };
  }
}
