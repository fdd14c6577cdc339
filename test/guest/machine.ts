/** QEMU, one process per boot: a guest that resets itself inside one process was seen to spin for minutes beside load. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '#lab/lab-error.ts';

const QEMU = fileURLToPath(new URL('qemu.sh', import.meta.url));
/** One that resets itself again and again is broken. */
const MOST_BOOTS = 30;

export interface Machine {
  /** How often it was started. */
  readonly boots: () => number;
  /** Throws when it runs no more and will not be started again. */
  readonly check: () => void;
  readonly console: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface MachinePlan {
  /** For its consoles. */
  readonly dir: string;
  readonly disk: string;
  /** Of loopback, which leads to its sshd. */
  readonly port: number;
}

/** Ends with the thread that started it, however that ends. */
export function createMachine({ dir, disk, port }: MachinePlan): Machine {
  let boots = 0;
  let process: ChildProcess;
  let stopped = false;
  let broken: LabError | undefined;
  let said = '';

  function boot(): void {
    boots += 1;
    const words = ['--pdeathsig', 'KILL', QEMU, disk, consoleOf(boots), String(port)];
    process = spawn('setpriv', words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    process.once('error', ({ message }) => {
      broken = new LabError(`QEMU did not start: ${message}`);
    });
    process.once('close', (status) => {
      if (stopped) return;
      if (status === 0 && boots < MOST_BOOTS) boot();
      else broken = new LabError(`QEMU ended with status ${status} after ${boots} boots: ${said}`);
    });
  }

  const consoleOf = (number: number) => join(dir, `console.${number}`);

  async function consoles(): Promise<string> {
    const texts = Array.from({ length: boots }, (_, index) => readFile(consoleOf(index + 1), 'latin1').catch(() => ''));
    return (await Promise.all(texts)).join('');
  }

  boot();
  return {
    boots: () => boots,
    check() {
      if (broken !== undefined) throw broken;
    },
    console: consoles,
    async stop() {
      stopped = true;
      if (process.exitCode !== null || process.signalCode !== null) return;
      const ended = once(process, 'close');
      process.kill('SIGKILL');
      await ended;
    },
  };
}
