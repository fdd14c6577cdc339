/** Podman and docker-compose as programs; stage.sh says where podman keeps things. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LONGEST_MS = 120_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** Resolves with what it printed; rejects with the command and what it said when it fails. */
export async function capture(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { timeout: LONGEST_MS, maxBuffer: MOST_BYTES, env: { ...process.env, ...env } };
  const { stdout, stderr } = await run(command, [...args], options).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`${command} ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error });
    },
  );
  return `${stdout}${stderr}`;
}

export function podman(...args: string[]): Promise<string> {
  return capture('podman', args);
}
