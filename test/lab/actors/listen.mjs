// A service, in good or bad shape.
//   ports    "9900" or "9901,9902"             backlog  what it asks of listen(2) (511)
//   accept   all | never | <ms per connection>
//   after    serve: close when the client has | close: close first | keep: never close
//            late: close 50 ms after the client has, which waits in FIN_WAIT_2 meanwhile
//            unread: never read, never close  | abort: close with unread data, so that the kernel sends RST
//   busy     ms of doing nothing at all, again and again, `pause` ms apart
//   threads  how many threads the process must have when it is ready
//   refused  true when the port must turn out to be taken
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { args, ready, stall } from './actor.mjs';

const { ports = '9900', address = '0.0.0.0', backlog = 511, accept = 'all', after = 'serve', refused = false } = args;
const kept = new Set();

const behaviours = {
  serve: (socket) => socket.resume(),
  close: (socket) => socket.resume().end(),
  late: (socket) => socket.resume().on('end', () => setTimeout(() => socket.end(), 50)),
  keep: (socket) => kept.add(socket.resume()),
  unread: (socket) => kept.add(socket.pause()),
  // The client's bytes must have arrived, or there is nothing unread.
  abort: (socket) => setTimeout(() => socket.destroy(), 30),
};

function serve(socket) {
  socket.on('error', () => {});
  if (typeof accept === 'number') stall(accept);
  behaviours[after](socket);
}

function listenOn(port) {
  const options = {
    allowHalfOpen: ['keep', 'unread', 'late'].includes(after),
    pauseOnConnect: after === 'abort' || after === 'unread',
  };
  const server = createServer(options, serve);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: address, backlog }, resolve);
  });
}

async function grow(threads) {
  const now = () => readdirSync('/proc/self/task').length;
  while (now() < threads)
    await new Promise((resolve) => new Worker('setInterval(() => {}, 1e6)', { eval: true }).once('online', resolve));
  return now();
}

try {
  if (args.threads) await grow(args.threads);
  await Promise.all(
    String(ports)
      .split(',')
      .map((port) => listenOn(Number(port))),
  );
  if (refused) throw new Error(`port ${ports} was free`);
  ready({ listening: ports });
} catch (error) {
  if (!refused || error.code === undefined) throw error;
  ready({ error: error.code });
  process.exitCode = 0;
}
if (args.busy) {
  // libuv accepts one connection per turn of its loop: only a real pause lets the queue drain.
  const again = () => {
    stall(args.busy);
    setTimeout(again, args.pause);
  };
  again();
}
if (accept === 'never') {
  // The line above must be out before this process stops doing anything at all.
  setImmediate(() =>
    setTimeout(() => {
      stall(args.life * 1000);
      process.exit(0);
    }, 20),
  );
}
