/** Keeps room on a server for those that send whole requests, whatever number of others hold connections open. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Connections, the one that asked last at the end, each with the requests of its own that are being answered. */
type Open = Map<Socket, Set<IncomingMessage>>;

/** One who reads the answers asks again after each; requests that are sent ahead of them, and never read, fill the memory. */
const MOST_UNANSWERED = 8;

/**
 * Hands requests to `app`. Past `most` connections the oldest is closed that has sent no head of a request; where each has,
 * the oldest that has not sent its whole body. A request that is here in full is answered: the newest connection is closed when
 * there are `most` of these. A connection that asks far ahead of its answers is closed too.
 */
export function serveWithin(server: Server, most: number, app: RequestListener): void {
  const open: Open = new Map();
  server.on('connection', (socket: Socket) => {
    open.set(socket, new Set());
    socket.once('close', () => open.delete(socket));
    if (open.size <= most) return;
    const closed = toClose(open, socket);
    open.delete(closed);
    closed.destroy();
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const asked = open.get(socket);
    if (asked === undefined || socket.destroyed) return;
    if (asked.size === MOST_UNANSWERED) return void socket.destroy();
    // Again at the end, as if it had come just now.
    open.delete(socket);
    open.set(socket, asked.add(request));
    response.once('close', () => asked.delete(request));
    app(request, response);
  });
}

function toClose(open: Open, newest: Socket): Socket {
  const others = [...open].filter(([socket]) => socket !== newest);
  const [silent] = others.find(([, asked]) => asked.size === 0) ?? [];
  const [slow] = others.find(([, asked]) => [...asked].some(({ complete }) => !complete)) ?? [];
  return silent ?? slow ?? newest;
}
