import type { LocalSlack } from '#local-slack/local-slack.ts';

/** What points the bot at this Slack instead of slack.com. */
export function slackEnvironment({ apiUrl, tokens }: LocalSlack): Readonly<Record<string, string>> {
  return { SLACK_API_URL: apiUrl, SLACK_BOT_TOKEN: tokens.bot, SLACK_APP_TOKEN: tokens.app };
}
