/** What the bot serves over HTTP: whether it lives, whether it is ready, and the door for Slack's requests. Loopback unless told otherwise. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';

export interface Readiness {
  readonly ready: boolean;
  /** Each thing that must hold, and why it does not. */
  readonly checks: Readonly<Record<string, string>>;
}

export interface WebOptions {
  /** address:port; an IPv6 address in brackets. */
  readonly listen: string;
  readonly readiness: () => Promise<Readiness>;
  /** Slack's requests, body untouched: their signature is over its bytes. */
  readonly slack?:
    | { readonly path: string; readonly listener: (request: IncomingMessage, response: ServerResponse) => unknown }
    | undefined;
}

export interface WebServer {
  /** http://address:port */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Rejects when the address cannot be listened on. */
export async function startWebServer({ listen, readiness, slack }: WebOptions): Promise<WebServer> {
  const app = express().disable('x-powered-by').set('etag', false);
  if (slack !== undefined) app.post(slack.path, (request, response) => void slack.listener(request, response));
  app.get('/livez', (_, response) => void response.type('text').send('alive\n'));
  app.get('/readyz', async (_, response) => {
    const answer = await readiness();
    response.status(answer.ready ? 200 : 503).json(answer);
  });
  app.use((_, response) => void response.status(404).type('text').send('not found\n'));
  const server = await listenOn(app, listen);
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

function listenOn(app: express.Express, listen: string): Promise<Server> {
  const at = listen.lastIndexOf(':');
  const host = listen.slice(0, at).replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const server = app.listen(Number(listen.slice(at + 1)), host, (error) => (error ? reject(error) : resolve(server)));
  });
}
