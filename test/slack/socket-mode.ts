/** Socket Mode: envelopes over WebSocket, each to one of the app's connections. https://docs.slack.dev/apis/events-api/using-socket-mode */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Acknowledged, Deliver } from './acknowledged.ts';
import { BOT } from './workspace.ts';

const PING_EVERY_MS = 10_000;

export interface SocketMode {
  readonly deliver: Deliver;
  readonly connections: () => number;
  /** A new address for one connection; undefined while connections are refused. */
  readonly open: (base: string) => string | undefined;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Cuts every connection without a word, as a network does. */
  readonly drop: () => void;
  /** Says that the connections are going away, as Slack does every few hours. */
  readonly refresh: () => void;
  /** The next so many attempts to connect are refused. */
  readonly refuse: (times: number) => void;
  readonly stop: () => void;
}

export function createSocketMode(onChange: () => void, ackWithinMs: number): SocketMode {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const waiting = new Map<string, (answer: unknown) => void>();
  let refusals = 0;
  let turn = 0;

  const open = () => [...server.clients].filter(({ readyState }) => readyState === 1);

  function greet(socket: WebSocket): void {
    const hello = {
      type: 'hello',
      num_connections: open().length,
      connection_info: { app_id: BOT.app },
      debug_info: { host: 'local' },
    };
    socket.send(JSON.stringify(hello));
    socket.on('message', (text) => {
      const { envelope_id: envelope, payload } = JSON.parse(String(text)) as {
        envelope_id?: string;
        payload?: unknown;
      };
      if (envelope !== undefined) waiting.get(envelope)?.(payload);
    });
    socket.on('close', onChange);
    socket.on('error', () => socket.terminate());
    onChange();
  }

  const pings = setInterval(() => {
    for (const socket of open()) socket.ping();
  }, PING_EVERY_MS).unref();

  const deliver: Deliver = (type, payload, retry) =>
    new Promise<Acknowledged>((resolve) => {
      const sockets = open();
      const socket = sockets[turn++ % Math.max(1, sockets.length)];
      if (socket === undefined) return resolve({ kind: 'nobody' });
      const envelope = randomUUID();
      const sent = performance.now();
      const settle = (how: Acknowledged) => {
        clearTimeout(timer);
        waiting.delete(envelope);
        resolve(how);
      };
      const timer = setTimeout(() => settle({ kind: 'too-late' }), ackWithinMs);
      waiting.set(envelope, (answer) => settle({ kind: 'acknowledged', ms: performance.now() - sent, answer }));
      const again = retry && { retry_attempt: retry.number, retry_reason: retry.reason };
      socket.send(
        JSON.stringify({
          envelope_id: envelope,
          type,
          payload,
          accepts_response_payload: type !== 'events_api',
          ...again,
        }),
      );
    });

  return {
    deliver,
    connections: () => open().length,
    open(base) {
      if (refusals > 0) {
        refusals--;
        return undefined;
      }
      const ticket = randomUUID();
      tickets.add(ticket);
      return `${base.replace(/^http/, 'ws')}/link/?ticket=${ticket}`;
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'http://local').searchParams.get('ticket') ?? '';
      if (!tickets.delete(ticket)) return void socket.destroy();
      server.handleUpgrade(request, socket, head, greet);
    },
    drop() {
      for (const socket of open()) socket.terminate();
    },
    refresh() {
      for (const socket of open())
        socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: {} }));
    },
    refuse(times) {
      refusals = times;
    },
    stop() {
      clearInterval(pings);
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}
