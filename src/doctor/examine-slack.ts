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
  if (asked?.kind !== 'taken') {
    return [
      { subject: 'bot-token', kind: 'broken', details: { why: asked?.why ?? '' } },
      { subject: 'scopes', kind: 'unchecked', details: {} },
    ];
  }
  const { team, bot, missing } = asked;
  return [
    { subject: 'bot-token', kind: 'fine', details: { team, bot } },
    {
      subject: 'scopes',
      kind: missing.length === 0 ? 'fine' : 'broken',
      details: { count: SCOPES.length, missing: missing.join(', ') },
    },
  ];
}

function appToken(asked: TokenStanding | undefined): Finding {
  if (asked?.kind === 'taken') return { subject: 'app-token', kind: 'fine', details: {} };
  return { subject: 'app-token', kind: 'broken', details: { why: asked?.why ?? '' } };
}

/** Only a request from Slack can show whether it is the right one. */
function signingSecret(secret: string | undefined): Finding {
  return { subject: 'signing-secret', kind: secret === undefined ? 'broken' : 'unchecked', details: {} };
}
