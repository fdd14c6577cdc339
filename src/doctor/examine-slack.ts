/** The tokens: whether they are there, whether Slack takes them, what they may do. */
import type { Secrets } from '#secrets.ts';
import { askAppToken, askBotToken, type TokenStanding } from '#slack/ask-slack.ts';
import { SCOPES } from '#slack/scopes.ts';
import type { Finding } from './finding.ts';

export async function examineSlack(
  mode: 'socket' | 'http',
  secrets: Secrets,
  apiUrl: string | undefined,
): Promise<readonly Finding[]> {
  const { SLACK_BOT_TOKEN: bot, SLACK_APP_TOKEN: app, SLACK_SIGNING_SECRET: signing } = secrets;
  const [asked, connected] = await Promise.all([
    bot === undefined ? undefined : askBotToken(bot, apiUrl),
    mode === 'http' || app === undefined ? undefined : askAppToken(app, apiUrl),
  ]);
  const way: Finding = mode === 'socket' ? appToken(connected) : signingSecret(signing);
  return [...botToken(asked), way];
}

function botToken(asked: TokenStanding | undefined): readonly Finding[] {
  if (asked?.kind !== 'taken') return [notTaken('bot-token', asked), scopesUnchecked(false)];
  const { team, bot, missing } = asked;
  const token: Finding = { subject: 'bot-token', kind: 'fine', details: { team, bot } };
  if (missing === null) return [token, scopesUnchecked(true)];
  return [
    token,
    {
      subject: 'scopes',
      kind: missing.length === 0 ? 'fine' : 'broken',
      details: { count: SCOPES.length, missing: missing.join(', ') },
    },
  ];
}

function appToken(asked: TokenStanding | undefined): Finding {
  if (asked?.kind === 'taken') return { subject: 'app-token', kind: 'fine', details: {} };
  return notTaken('app-token', asked);
}

type NotTaken = Exclude<TokenStanding, { kind: 'taken' }>;

/** A token that Slack was not asked about may be the right one. */
function notTaken(subject: 'bot-token' | 'app-token', asked: NotTaken | undefined): Finding {
  const details = { why: asked?.why ?? '', unreachable: asked?.kind === 'unreachable' ? 'yes' : '' };
  return { subject, kind: 'broken', details };
}

/** `token`: Slack takes it, and does not say what it may do. */
function scopesUnchecked(token: boolean): Finding {
  return { subject: 'scopes', kind: 'unchecked', details: { token: token ? 'yes' : '' } };
}

/** Only a request from Slack can show whether it is the right one. */
function signingSecret(secret: string | undefined): Finding {
  return { subject: 'signing-secret', kind: secret === undefined ? 'broken' : 'unchecked', details: {} };
}
