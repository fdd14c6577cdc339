/** Keeps room on a server for those that send whole requests, whatever number of others hold connections open. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What a connection is busy with: a request whose head is here; undefined while none is. */
type Busy = Map<Socket, IncomingMessage | undefined>;

/**
 * Past `most` connections the oldest is closed that has sent no head of a request; where each has, the oldest that has not
 * sent its whole body. A request that is here in full is answered: the newest connection is closed when there are `most` of these.
 */
export function limitConnections(server: Server, most: number): void {
  const open: Busy = new Map();
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
    response.once('close', () => {
      if (open.get(socket) === request) open.set(socket, undefined);
    });
  });
}

function toClose(open: Busy, newest: Socket): Socket {
  const others = [...open].filter(([socket]) => socket !== newest);
  const [silent] = others.find(([, request]) => request === undefined) ?? [];
  const [slow] = others.find(([, request]) => request?.complete === false) ?? [];
  return silent ?? slow ?? newest;
}
