/** A redis-server of our own, for when none is given: append-only, on a socket that only this account can reach. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';

export interface PrivateRedis {
  /** unix:///… */
  readonly url: string;
  readonly pid: number;
  /** Lets it write everything and end. */
  readonly stop: () => Promise<void>;
  /** Resolves when it has ended, whoever ended it; what it said last. */
  readonly ended: Promise<string>;
}

/** The message is one finished sentence that says what to do. */
export class PrivateRedisError extends Error {
  override readonly name = 'PrivateRedisError';
}

const READY_WITHIN_MS = 30_000;
/** sockaddr_un(7) has room for 108 bytes. */
const LONGEST_SOCKET_PATH = 107;

/** Resolves when it answers; rejects with a PrivateRedisError, also when `signal` aborts: then it was ended. `dir` is made, and kept to this account. */
export async function startPrivateRedis(dir: string, signal?: AbortSignal): Promise<PrivateRedis> {
  const socket = join(dir, 'redis.sock');
  if (Buffer.byteLength(socket) > LONGEST_SOCKET_PATH)
    throw new PrivateRedisError(`${socket} is too long for a socket: name a shorter stateDir in tcp-oncall.yaml.`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
  if (await answers(socket))
    throw new PrivateRedisError(
      `Another tcp-oncall serve uses ${dir}: stop it, or name another stateDir in tcp-oncall.yaml.`,
    );
  const { child, log } = launch(dir, socket);
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(lastLine(log()))));
  await untilReady(child, log, socket, signal);
  return {
    url: `unix://${socket}`,
    pid: child.pid ?? 0,
    ended,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

function configuration(dir: string, socket: string): string {
  return [
    'port 0',
    `unixsocket ${JSON.stringify(socket)}`,
    'unixsocketperm 600',
    `dir ${JSON.stringify(dir)}`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    'daemonize no',
    '',
  ].join('\n');
}

/** In a session of its own, so that Ctrl-C in the terminal ends us first; when we are killed, the kernel ends it. */
function launch(dir: string, socket: string): { readonly child: ChildProcess; readonly log: () => string } {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', 'redis-server', '-'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: dir,
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4000);
    });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(configuration(dir, socket));
  return { child, log: () => log };
}

async function untilReady(
  child: ChildProcess,
  log: () => string,
  socket: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => fail(`it did not answer in ${READY_WITHIN_MS / 1000} s`), READY_WITHIN_MS);
    const onAbort = () => fail('it was told to end');
    function fail(why: string): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      child.kill('SIGKILL');
      reject(
        new PrivateRedisError(
          `redis-server could not be started: ${why}. Install it (Debian: apt-get install redis-server), or set REDIS_URL.`,
        ),
      );
    }
    signal?.addEventListener('abort', onAbort);
    child.once('error', ({ message }) => fail(message));
    child.once('exit', () => fail(lastLine(log()) || 'it ended at once'));
    child.stdout?.on('data', () => {
      if (!log().includes('Ready to accept connections') && !log().includes('ready to accept connections')) return;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      child.removeAllListeners('exit');
      resolve();
    });
  });
  if (!(await answers(socket))) throw new PrivateRedisError(`redis-server is up and does not answer on ${socket}.`);
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    const say = (yes: boolean) => {
      connection.destroy();
      resolve(yes);
    };
    connection.once('connect', () => say(true));
    connection.once('error', () => say(false));
  });
}

function lastLine(log: string): string {
  return (
    log
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^\d+:\w \d+ \w+ \d+ [\d:.]+ . /, '')
      .replace(/\.$/, '') ?? ''
  );
}
