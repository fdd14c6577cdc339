/** What the bot serves over HTTP: whether it lives, whether it is ready, and the door for Slack's requests. Loopback unless told otherwise. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { serveWithin } from './connections.ts';

export interface Readiness {
  readonly ready: boolean;
  /** Each thing that must hold, and why it does not. */
  readonly checks: Readonly<Record<string, string>>;
}

/** What one connection, and all of them, may take. */
export interface WebLimits {
  /** How long the head of a request may take to come, and the whole of it. */
  readonly headMs: number;
  readonly requestMs: number;
  /** How often these are looked at. */
  readonly lookMs: number;
  /** At more than that, connections without a whole request are closed, the oldest first. */
  readonly connections: number;
}

/** Slack gives up after 3 s; a proxy in front sends a request at once, over a few connections that it keeps. */
const LIMITS: WebLimits = { headMs: 5000, requestMs: 10_000, lookMs: 1000, connections: 256 };

export interface WebOptions {
  /** address:port; an IPv6 address in brackets. */
  readonly listen: string;
  readonly readiness: () => Promise<Readiness>;
  /** Slack's requests, body untouched: their signature is over its bytes. */
  readonly slack?:
    | { readonly path: string; readonly listener: (request: IncomingMessage, response: ServerResponse) => unknown }
    | undefined;
  readonly limits?: WebLimits;
}

export interface WebServer {
  /** http://address:port */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Rejects when the address cannot be listened on. */
export async function startWebServer({ listen, readiness, slack, limits = LIMITS }: WebOptions): Promise<WebServer> {
  const app = express().disable('x-powered-by').set('etag', false);
  if (slack !== undefined) app.post(slack.path, (request, response) => void slack.listener(request, response));
  app.get('/livez', (_, response) => void response.type('text').send('alive\n'));
  app.get('/readyz', async (_, response) => {
    const answer = await readiness();
    response.status(answer.ready ? 200 : 503).json(answer);
  });
  app.use((_, response) => void response.status(404).type('text').send('not found\n'));
  const server = await listenOn(createLimited(app, limits), listen);
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async close() {
      server.closeIdleConnections();
      const closed = new Promise((resolve) => server.close(resolve));
      setTimeout(() => server.closeAllConnections(), 1000).unref();
      await closed;
    },
  };
}

function createLimited(app: RequestListener, { headMs, requestMs, lookMs, connections }: WebLimits): Server {
  const options = { headersTimeout: headMs, requestTimeout: requestMs, connectionsCheckingInterval: lookMs };
  const server = createServer(options);
  serveWithin(server, connections, app);
  return server;
}

function listenOn(server: Server, listen: string): Promise<Server> {
  const at = listen.lastIndexOf(':');
  const host = listen.slice(0, at).replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(listen.slice(at + 1)), host, () => resolve(server.off('error', reject)));
  });
}
