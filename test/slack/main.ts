/** `npm run slack`: a Slack on this machine to point an app at. Ends with Ctrl-C; keeps nothing. */
import { parseArgs } from 'node:util';
import { startLocalSlack } from './local-slack.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4390' },
    host: { type: 'string', default: '127.0.0.1' },
    'request-url': { type: 'string' },
  },
});
const requestUrl = values['request-url'];
const slack = await startLocalSlack({
  port: Number(values.port),
  host: values.host,
  ...(requestUrl !== undefined && { requestUrl }),
});
console.log(`${slack.url}

export SLACK_API_URL=${slack.apiUrl}
export SLACK_BOT_TOKEN=${slack.tokens.bot}
export SLACK_APP_TOKEN=${slack.tokens.app}
export SLACK_SIGNING_SECRET=${slack.tokens.signingSecret}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void slack.stop());
