/**
 * One `ssh` as the master of a connection: its start and its end. It goes to the background once it is logged in, and
 * ends by itself some seconds after nobody uses its control socket any more: docs/decisions/0013.
 */
import { execFile, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { groupGone, signalGroup } from '#signal-group.ts';

export interface Start {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** A named pipe that somebody reads: what jump hosts' ssh and a ProxyCommand say. */
  readonly stderr: string;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

export type Started = 'logged-in' | 'failed' | 'too-late' | 'given-up' | 'no-ssh';

/** Never rejects. Whatever was begun has ended when it resolves, but for a master that is logged in. */
export function startMaster({ args, env, stderr, withinMs, signal }: Start): Promise<Started> {
  return new Promise((resolve) => {
    const fd = openSync(stderr, constants.O_WRONLY);
    // In a session of its own: no terminal to ask on, no Ctrl-C that is meant for us, and one id to end all of it by.
    const child = spawn('ssh', args, { env, stdio: ['ignore', 'ignore', fd], detached: true });
    closeSync(fd);
    let why: Started = 'failed';
    // All at once: a jump host's ssh would report the death of another as trouble on the way.
    const endGroup = () => signalGroup(child.pid, 'SIGKILL');

    function stop(reason: Started): void {
      if (why !== 'failed' || child.pid === undefined) return;
      why = reason;
      endGroup();
    }

    const onAbort = () => stop('given-up');
    const timer = setTimeout(() => stop('too-late'), withinMs);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();

    function settle(started: Started): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(started);
    }
    child.once('error', () => settle('no-ssh'));
    child.once('exit', (code) => {
      if (code === 0 && why === 'failed') return settle('logged-in');
      // A ProxyCommand may outlive the ssh that started it.
      endGroup();
      void groupGone(child.pid, GONE_WITHIN_MS).then(() => settle(why));
    });
  });
}

/** After SIGKILL. */
const GONE_WITHIN_MS = 1000;

const run = promisify(execFile);

/** Rejects where they cannot be made. */
export async function makePipes(paths: readonly string[]): Promise<void> {
  await run('mkfifo', ['-m', '600', '--', ...paths]);
}
