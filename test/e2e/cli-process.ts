/** Runs the program as a person would: another process, its own environment, its exit status. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PROGRAM } from '../built.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Since `interruptAt` was seen. */
  readonly endedWithinMs?: number;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** SIGINT is sent when this resolves, as Ctrl-C does. */
  readonly interruptWhen?: () => Promise<unknown>;
  /** Or SIGTERM when stderr says this. */
  readonly interruptAt?: RegExp;
}

export function cli(
  args: readonly string[],
  { env = {}, cwd = ROOT, interruptWhen, interruptAt }: CliOptions = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C.UTF-8', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    let interrupted = Number.NaN;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (interruptAt === undefined || interrupted > 0 || !interruptAt.test(stderr)) return;
      interrupted = performance.now();
      child.kill('SIGTERM');
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr, endedWithinMs: performance.now() - interrupted }));
    interruptWhen?.().then(() => child.kill('SIGINT'), reject);
  });
}
