/** The role that speaks Slack: it has the tokens, and logs in to no host. */
import { loadFixes } from '#catalogue.ts';
import type { Config } from '#config.ts';
import type { Secrets } from '#secrets.ts';
import { refusalOf, unreachedBecause } from '#slack/post.ts';
import { openSlackApp, type SlackApp, WrongToken } from '#slack/slack-app.ts';
import type { SlackSettings, SlackTools } from '#slack/tools.ts';
import { AwayError, reasonOf, ServeError } from './serve-error.ts';
import type { Voices } from './voices.ts';

export interface SlackNeeds extends Pick<SlackTools, 'store' | 'queue' | 'announce' | 'changes' | 'inventory' | 'log'> {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly apiUrl: string | undefined;
  readonly voices: Voices;
}

/** Throws a ServeError that says which token is missing. */
export function slackSettings(
  { slack: { mode, channels }, language = 'en' }: Pick<Config, 'slack' | 'language'>,
  secrets: Secrets,
  apiUrl: string | undefined,
): SlackSettings {
  const wanted = (name: keyof typeof TOKENS) => need(secrets[name], name, TOKENS[name]);
  return {
    mode,
    botToken: wanted('SLACK_BOT_TOKEN'),
    appToken: mode === 'socket' ? wanted('SLACK_APP_TOKEN') : undefined,
    signingSecret: mode === 'http' ? wanted('SLACK_SIGNING_SECRET') : undefined,
    apiUrl,
    channels,
    language,
  };
}

const TOKENS = {
  SLACK_BOT_TOKEN: 'the bot token of the Slack app (xoxb-…, under OAuth & Permissions)',
  SLACK_APP_TOKEN: 'the app-level token (xapp-…, under Basic Information) that Socket Mode needs',
  SLACK_SIGNING_SECRET: 'the signing secret (under Basic Information) that slack.mode: http needs',
} as const;

/** Rejects with a ServeError that says which token is missing or refused, or an AwayError when Slack does not answer. */
export async function openSlack({ config, secrets, apiUrl, voices, ...tools }: SlackNeeds): Promise<SlackApp> {
  const settings = slackSettings(config, secrets, apiUrl);
  const cures = new Map((await loadFixes()).map(({ id, cures: ids }) => [id, ids]));
  try {
    return await openSlackApp(settings, { ...tools, ...voices, cures, now: () => new Date() });
  } catch (error) {
    throw slackProblem(error, 'SLACK_BOT_TOKEN', apiUrl);
  }
}

/** Only an answer of Slack's says anything about a token. */
export function slackProblem(error: unknown, token: string, apiUrl: string | undefined): Error {
  const refusal = refusalOf(error);
  const cause = { cause: error };
  if (refusal !== undefined || error instanceof WrongToken)
    return new ServeError(
      `Slack does not take ${token}: ${refusal ?? reasonOf(error)}. docs/slack.md says where to find it.`,
      cause,
    );
  const where = apiUrl === undefined ? 'https://slack.com/api/' : `${apiUrl} (SLACK_API_URL)`;
  return new AwayError(
    `Slack cannot be reached at ${where}: ${unreachedBecause(error)}. Check DNS, the proxy and the firewall of this machine; the tokens were not looked at.`,
    cause,
  );
}

function need(secret: string | undefined, name: string, what: string): string {
  if (secret !== undefined) return secret;
  throw new ServeError(
    `${name} is not set: it is ${what}. Set it, or ${name}_FILE to the path of a file that holds it; docs/slack.md walks through it.`,
  );
}
