import { WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { WrongToken } from '#slack/slack-app.ts';
import { slackProblem } from './open-slack.ts';
import { AwayError, ServeError } from './serve-error.ts';

async function asked(slackApiUrl: string): Promise<unknown> {
  return new WebClient('xoxb-1', { retryConfig: { retries: 0 }, slackApiUrl }).auth
    .test()
    .catch((error: unknown) => error);
}

describe('why the bot cannot speak to Slack', () => {
  it.each(['http://127.0.0.1:65530/api/', 'http://nowhere.invalid/api/'])(
    'is the way there, and no token, when nothing answers at %s',
    async (url) => {
      const problem = slackProblem(await asked(url), 'SLACK_BOT_TOKEN', url);
      expect(problem).toBeInstanceOf(AwayError);
      expect(problem.message).toMatch(/^Slack cannot be reached at http:.*: .*(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN)/);
      expect(problem.message).not.toContain('SLACK_BOT_TOKEN');
    },
  );

  it('is the token when Slack says so', () => {
    const refused = Object.assign(new Error('x'), { data: { ok: false, error: 'invalid_auth' } });
    for (const [error, said] of [
      [refused, /^Slack does not take SLACK_BOT_TOKEN: invalid_auth\./],
      [new WrongToken('it is not a bot token'), /SLACK_BOT_TOKEN: it is not a bot token\./],
    ] as const) {
      const problem = slackProblem(error, 'SLACK_BOT_TOKEN', undefined);
      expect(problem).toBeInstanceOf(ServeError);
      expect(problem.message).toMatch(said);
    }
  });
});
