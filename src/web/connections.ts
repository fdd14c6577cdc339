/** Keeps room on a server for those that send whole requests, whatever number of others hold connections open. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What a connection is busy with: a request whose head is here; undefined while none is. */
type Busy = Map<Socket, IncomingMessage | undefined>;

/** One who reads the answers asks again after each; requests that are sent ahead of them, and never read, fill the memory. */
const MOST_UNANSWERED = 8;

/**
 * Hands requests to `app`. Past `most` connections the oldest is closed that has sent no head of a request; where each has,
 * the oldest that has not sent its whole body. A request that is here in full is answered: the newest connection is closed when
 * there are `most` of these. A connection that asks far ahead of its answers is closed too.
 */
export function serveWithin(server: Server, most: number, app: RequestListener): void {
  const open: Busy = new Map();
  const unanswered = new WeakMap<Socket, number>();
  server.on('connection', (socket: Socket) => {
    open.set(socket, undefined);
    socket.once('close', () => open.delete(socket));
    if (open.size <= most) return;
    const closed = toClose(open, socket);
    open.delete(closed);
    closed.destroy();
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    // Again at the end, as if it had come just now.
    open.delete(socket);
    if (socket.destroyed) return;
    open.set(socket, request);
    const count = (unanswered.get(socket) ?? 0) + 1;
    if (count > MOST_UNANSWERED) return void socket.destroy();
    unanswered.set(socket, count);
    response.once('close', () => {
      unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1);
      if (open.get(socket) === request) open.set(socket, undefined);
    });
    app(request, response);
  });
}

function toClose(open: Busy, newest: Socket): Socket {
  const others = [...open].filter(([socket]) => socket !== newest);
  const [silent] = others.find(([, request]) => request === undefined) ?? [];
  const [slow] = others.find(([, request]) => request?.complete === false) ?? [];
  return silent ?? slow ?? newest;
}
