/** One question to a program of this machine: bounded in time and size, and ended with all that it started. */
import { spawn } from 'node:child_process';
import { signalGroup } from '#signal-group.ts';

export interface Question {
  readonly program: string;
  readonly args: readonly string[];
  readonly directory?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly withinMs: number;
  readonly mostBytes: number;
  readonly signal: AbortSignal;
}

export interface Ended {
  /** An exit status, a signal, or what kept it from ending by itself. */
  readonly end: number | string;
  readonly answer: string;
  readonly said: string;
}

const MOST_SAID = 64 << 10;

/** In a session of its own: it finds no terminal to ask for a password on, and all of it ends together. */
export function askProgram({ program, args, directory, env, withinMs, mostBytes, signal }: Question): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let stopped: string | undefined;
    const stop = (why: string) => {
      stopped ??= why;
      signalGroup(child.pid, 'SIGKILL');
      // One that has left the session may hold them open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const late = setTimeout(() => stop(`no answer within ${withinMs / 1000} s`), withinMs);
    const onAbort = () => stop('an interruption');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();

    const answer: Buffer[] = [];
    let [size, said] = [0, ''];
    child.stdout.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > mostBytes) stop(`an answer of more than ${mostBytes >> 20} MiB`);
      else answer.push(piece);
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      said = (said + piece).slice(-MOST_SAID);
    });
    const settle = (end: number | string) => {
      clearTimeout(late);
      signal.removeEventListener('abort', onAbort);
      const interrupted = stopped !== undefined;
      resolve({ end: stopped ?? end, answer: Buffer.concat(answer).toString('utf8'), said: interrupted ? '' : said });
    };
    child.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    child.on('close', (code, killed) => settle(code ?? killed ?? 'no status'));
  });
}
