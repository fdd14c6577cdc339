/** Runs the machine's own programs (ip, nft, nsenter, ssh-keygen): argv only, never a shell string. */
import { spawn } from 'node:child_process';
import { LabError } from './lab-error.ts';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string | Buffer | undefined;
  readonly timeoutMs?: number | undefined;
  /** Instead of this process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Resolves whatever the exit status; rejects only when the program cannot be started. */
export function run(
  argv: readonly string[],
  { input, timeoutMs = 30_000, env = process.env }: CommandOptions = {},
): Promise<Outcome> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'pipe',
      env,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      // A process group of its own: Ctrl-C must not cut a half-built or half-removed lab's commands in two.
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (cause) => reject(new LabError(`Cannot run ${program}: ${cause.message}.`, { cause })));
    child.on('close', (status) => resolve({ status, stdout, stderr }));
    // A program that ends without reading its input is judged by its exit status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Standard output of a program that must succeed. */
export async function must(argv: readonly string[], options?: CommandOptions): Promise<string> {
  const { status, stdout, stderr } = await run(argv, options);
  if (status === 0) return stdout;
  throw new LabError(`${argv.join(' ')}: ${stderr.trim() || `exit status ${status}`}`);
}
