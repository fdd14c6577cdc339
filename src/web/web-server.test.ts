import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startWebServer, type WebServer } from './web-server.ts';

let server: WebServer | undefined;
/** Requests of Slack's whose head has come. */
let seen: IncomingMessage[] = [];
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
  const hasty = { headMs: 150, requestMs: 300, lookMs: 25, connections: 2 };

  type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

  async function start(limits = hasty, listener: Listener = (request) => request.resume()): Promise<URL> {
    seen = [];
    const slack = {
      path: '/slack/events',
      listener(request: IncomingMessage, response: ServerResponse) {
        seen.push(request);
        return listener(request, response);
      },
    };
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

  it('that asks far ahead of its answers is closed, and what it asked besides is not done', async () => {
    const socket = open(await start({ ...hasty, headMs: 60_000, requestMs: 60_000 }), ASK.repeat(500));
    expect(await saidUntilClosed(socket)).toBe('');
    expect(seen).toHaveLength(8);
  });

  it('that asks again after each answer goes on', async () => {
    const url = await start(hasty, (_, response) => response.end('answered'));
    const socket = open(url);
    let said = '';
    socket.on('data', (chunk) => {
      said += String(chunk);
    });
    for (let n = 1; n <= 20; n++) {
      socket.write(ASK);
      await expect.poll(() => said.match(/answered/g)?.length, { interval: 5 }).toBe(n);
    }
    socket.destroy();
  });

  describe('too many', () => {
    const patient = { headMs: 60_000, requestMs: 60_000, lookMs: 1000, connections: 4 };

    it('that send nothing, or not all of a request, make room for one that asks', async () => {
      const url = await start(patient);
      const flood = Array.from({ length: 12 }, (_, n) => open(url, n % 2 === 0 ? '' : POST));
      let closed = 0;
      for (const socket of flood) socket.once('close', () => closed++);
      await expect.poll(() => closed).toBe(flood.length - patient.connections);
      for (let n = 0; n < 5; n++) {
        flood.push(open(url, POST));
        expect(await saidUntilClosed(open(url, GET))).toMatch(/^HTTP\/1.1 200 /);
      }
      for (const socket of flood) socket.destroy();
    });

    it('are closed oldest first: those without a head before those without a body', async () => {
      const url = await start(patient);
      const sending = await begun(url);
      const silent = [await connected(open(url)), await connected(open(url)), await connected(open(url))];
      for (const oldest of silent) {
        const closed = saidUntilClosed(oldest);
        await begun(url);
        expect(await closed).toBe('');
      }
      const closed = saidUntilClosed(sending);
      await begun(url);
      expect(await closed).toBe('');
    });

    it('never close one whose request is being answered', async () => {
      const answers: (() => void)[] = [];
      const url = await start(patient, (_, response) => void answers.push(() => response.end('answered')));
      const asked = Array.from({ length: 4 }, () => fetch(`${url.href}slack/events`, { method: 'POST' }));
      await expect.poll(() => answers.length).toBe(4);
      expect(await saidUntilClosed(open(url, GET))).toBe('');
      for (const answer of answers) answer();
      expect(await Promise.all(asked.map(async (each) => (await each).text()))).toEqual(Array(4).fill('answered'));
    });
  });
});

const GET = 'GET /livez HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n';
const ASK = 'POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Length: 0\r\n\r\n';
const POST = 'POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Length: 4000000\r\n\r\nsome';

/** A connection whose request has come as far as the server, without its body. */
async function begun(url: URL): Promise<Socket> {
  const before = seen.length;
  const socket = open(url, POST);
  await expect.poll(() => seen.length).toBe(before + 1);
  return socket;
}

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect');
  return socket;
}

function open({ hostname, port }: URL, says = ''): Socket {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(says);
  return socket;
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
