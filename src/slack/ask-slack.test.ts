import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { askAppToken, askBotToken } from './ask-slack.ts';
import { SCOPES } from './scopes.ts';

async function asking(headers: Record<string, string>) {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ ok: true, team: 'Lab', user: 'bot' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await askBotToken('xoxb-1', `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`);
  } finally {
    server.close();
  }
}

it('knows which scopes are missing when the answer lists them', async () => {
  expect(await asking({ 'x-oauth-scopes': SCOPES.slice(1).join(',') })).toMatchObject({ missing: [SCOPES[0]] });
});

it('knows nothing of scopes when the answer does not list them', async () => {
  expect(await asking({})).toMatchObject({ kind: 'taken', missing: null });
});

it('says nothing of a token when Slack cannot be reached', async () => {
  const nowhere = 'http://127.0.0.1:65530/api/';
  for (const answer of [await askBotToken('xoxb-1', nowhere), await askAppToken('xapp-1', nowhere)])
    expect(answer).toEqual({ kind: 'unreachable', why: expect.stringContaining('ECONNREFUSED') });
});
