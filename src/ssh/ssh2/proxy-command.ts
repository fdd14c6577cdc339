/** A ProxyCommand: its standard input and output are the connection to the host. ssh_config(5). */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionFailure } from '#domain/command.ts';
import { signalGroup } from '#signal-group.ts';
import { unattended } from '../unattended.ts';
import { plainWords } from './plain-words.ts';
import { type ProxyEnd, proxyFailure } from './proxy-failure.ts';

export interface Proxy {
  readonly through: Duplex;
  /** Ends the command with everything that it started. */
  readonly end: () => void;
  /** The failure of a login through it, by what it has to do with that. Ends it. */
  readonly explain: (failure: ConnectionFailure) => Promise<ConnectionFailure>;
}

/** What a server begins with; other lines may come before (RFC 4253, section 4.2). */
const IDENTIFICATION = 'SSH-';
const KEPT_BYTES = 4096;
/** One that has closed its output ends by itself, and then it is of interest how. */
const ENDS_WITHIN_MS = 500;
const KILL_AFTER_MS = 1500;
/** Somebody who left its process group may hold its errors open. */
const HEARD_WITHIN_MS = 200;
const OF_THE_WAY: readonly ConnectionFailure['kind'][] = ['connection-lost', 'unreachable', 'refused'];

/** `line` as ssh_config has it, its tokens filled in. */
export function runProxyCommand(line: string): Proxy {
  const child = start(line);
  const words = { printed: '', complained: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words.complained = (words.complained + text).slice(-KEPT_BYTES);
  });
  const heard = new Promise((resolve) => child.stderr.once('close', resolve));
  const through = asDuplex(child);
  child.stdout.on('data', (chunk: Buffer) => {
    if (words.printed.length < KEPT_BYTES) words.printed += chunk.toString('latin1').slice(0, KEPT_BYTES);
  });
  // Whoever reads from it is told as well.
  through.on('error', () => {});
  through.once('close', end);

  let stopped = false;
  let ending = false;
  const ended = watchEnd(child).then((how): ProxyEnd => {
    // What it started may live on.
    signalGroup(child.pid, 'SIGKILL');
    return stopped ? { kind: 'stopped' } : how;
  });

  function stop(signal: NodeJS.Signals): void {
    stopped = true;
    signalGroup(child.pid, signal);
  }

  function end(): void {
    if (ending) return;
    ending = true;
    const timers = [
      setTimeout(stop, child.stdout.readableEnded ? ENDS_WITHIN_MS : 0, 'SIGTERM'),
      setTimeout(stop, KILL_AFTER_MS, 'SIGKILL'),
    ];
    void ended.then(() => timers.forEach(clearTimeout));
  }

  async function explain(failure: ConnectionFailure): Promise<ConnectionFailure> {
    if (!OF_THE_WAY.includes(failure.kind)) return failure;
    end();
    const how = await ended;
    await Promise.race([heard, sleep(HEARD_WITHIN_MS)]);
    if (words.printed.includes(IDENTIFICATION)) return failure;
    return { kind: 'proxy-failed', why: proxyFailure(how, words) };
  }

  return { through, end, explain };
}

/** Without a shell where the line is plain words; else by one, as ssh does: it is a line of the person's own ssh_config or Ansible inventory. */
function start(line: string): ChildProcessWithoutNullStreams {
  const words = plainWords(line) ?? ['/bin/sh', '-c', /^\s*exec\s/.test(line) ? line : `exec ${line}`];
  // A process group of its own, which ends as one.
  return spawn(words[0] ?? '', words.slice(1), { stdio: 'pipe', detached: true, env: unattended(process.env) });
}

/** What it printed last is read even when it has ended and takes no more: Duplex.from() would give that up. */
function asDuplex({ stdin, stdout }: ChildProcessWithoutNullStreams): Duplex {
  const through = new Duplex({
    allowHalfOpen: false,
    read: () => void stdout.resume(),
    write: (chunk: Buffer, encoding, done) => void stdin.write(chunk, encoding, () => done()),
    // Not with its callback, which nobody calls once the command has ended.
    final(done) {
      stdin.end();
      done();
    },
  });
  stdin.on('error', () => {});
  stdout.on('data', (chunk: Buffer) => {
    if (!through.push(chunk)) stdout.pause();
  });
  // Not `end`, which does not come of a command that cannot be run.
  stdout.once('close', () => through.push(null));
  return through;
}

function watchEnd(child: ChildProcessWithoutNullStreams): Promise<ProxyEnd> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'not-started', code: error.code ?? '?' }));
    // Not `close`: what it started may hold its output open.
    child.once('exit', (status, signal) => {
      resolve(signal === null ? { kind: 'exited', status: status ?? 0 } : { kind: 'signalled', signal });
    });
  });
}
