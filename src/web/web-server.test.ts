import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
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

describe('a connection', () => {
  const limits = { headMs: 150, requestMs: 300, lookMs: 25, connections: 2 };

  async function start(): Promise<URL> {
    const slack = { path: '/slack/events', listener: (request: IncomingMessage) => request.resume() };
    server = await startWebServer({
      listen: '127.0.0.1:0',
      readiness: async () => ({ ready: true, checks: {} }),
      slack,
      limits,
    });
    return new URL(server.url);
  }

  it.each([
    ['says nothing', ''],
    ['never ends its head', 'GET /livez HTTP/1.1\r\nHost: bot\r\nX-Slow: '],
    ['never ends its body', 'POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Length: 4000000\r\n\r\nsome'],
  ])('that %s is closed', async (_, sent) => {
    const socket = open(await start());
    socket.write(sent);
    expect(await saidUntilClosed(socket)).toMatch(/^(HTTP\/1.1 408 |$)/);
  });

  it('too many is closed, and those that are there are answered', async () => {
    const url = await start();
    const first = open(url);
    await new Promise((resolve) => first.once('connect', resolve));
    const second = open(url);
    await new Promise((resolve) => second.once('connect', resolve));
    expect(await saidUntilClosed(open(url))).toBe('');
    second.write('GET /livez HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n');
    expect(await saidUntilClosed(second)).toMatch(/^HTTP\/1.1 200 /);
    first.destroy();
  });
});

function open({ hostname, port }: URL): Socket {
  return connect(Number(port), hostname);
}

function saidUntilClosed(socket: Socket): Promise<string> {
  let said = '';
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      said += String(chunk);
    });
    // A connection that is reset is closed as well.
    socket.on('error', () => {});
    socket.once('close', () => resolve(said));
  });
}
