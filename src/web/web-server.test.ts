import { afterEach, expect, it } from 'vitest';
import { startWebServer, type WebServer } from './web-server.ts';

let server: WebServer | undefined;
afterEach(() => server?.close());

async function get(path: string, readiness = { ready: true, checks: {} }): Promise<Response> {
  server = await startWebServer({ listen: '127.0.0.1:0', readiness: async () => readiness });
  return fetch(server.url + path);
}

it('lives, and says nothing of what it is made with', async () => {
  const answer = await get('/livez');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-powered-by')).toBeNull();
});

it('says why it is not ready', async () => {
  const answer = await get('/readyz', { ready: false, checks: { redis: 'evicts keys' } });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ ready: false, checks: { redis: 'evicts keys' } });
});

it('has nothing else', async () => {
  expect((await get('/slack/events')).status).toBe(404);
});

it('hands requests from Slack on with their body as it came', async () => {
  const bodies: string[] = [];
  server = await startWebServer({
    listen: '127.0.0.1:0',
    readiness: async () => ({ ready: true, checks: {} }),
    slack: {
      path: '/slack/events',
      async listener(request, response) {
        for await (const chunk of request) bodies.push(String(chunk));
        response.end('ok');
      },
    },
  });
  const answer = await fetch(`${server.url}/slack/events`, { method: 'POST', body: 'payload=%7B%7D&x=1' });
  expect([answer.status, ...bodies]).toEqual([200, 'payload=%7B%7D&x=1']);
});

it('says when the address is taken', async () => {
  server = await startWebServer({ listen: '127.0.0.1:0', readiness: async () => ({ ready: true, checks: {} }) });
  const { host } = new URL(server.url);
  await expect(startWebServer({ listen: host, readiness: async () => ({ ready: true, checks: {} }) })).rejects.toThrow(
    /EADDRINUSE/,
  );
});
