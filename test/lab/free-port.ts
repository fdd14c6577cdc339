/** Ports for what is told where to listen before it listens. */
import { createServer } from 'node:net';

/** Below those that the kernel gives to outgoing connections (32768 and up), so that none of these takes it meanwhile. */
const FIRST = 11_000;
/** For each process of a test run, which vitest numbers, so that no two pick the same. */
const BLOCK = 500;
const BLOCKS = 20;
/** Where a Redis cluster's own port lies: it is free as well. */
const CLUSTER = 10_000;

const block = FIRST + BLOCK * (Number(process.env['VITEST_POOL_ID'] ?? 0) % BLOCKS);
let next = Math.floor(Math.random() * BLOCK);

/** A port on loopback that nothing listens on, and that nobody else is given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = block + next;
    next = (next + 1) % BLOCK;
    if ((await isFree(port)) && (await isFree(port + CLUSTER))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
