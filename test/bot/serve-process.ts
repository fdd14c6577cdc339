/** Runs `tcp-oncall serve` as its users do: another process, its own environment, its configuration in a file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { freePort } from '#lab/free-port.ts';
import { PROGRAM } from '../built.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const READY_WITHIN_MS = 30_000;

export interface ServePlan {
  /** A tcp-oncall.yaml with the hosts, such as the lab's. */
  readonly hosts: string;
  /** What else the configuration says, by section. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** All roles in one process when it is not given. */
  readonly roles?: string;
  /** Flags of node itself. */
  readonly node?: readonly string[];
  /** Another program than the built one. */
  readonly program?: string;
}

export interface ServeProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** http://127.0.0.1:PORT */
  readonly url: string;
  readonly stateDir: string;
  /** Its tcp-oncall.yaml. */
  readonly config: string;
  /** Its exit status; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Everything it has written to stdout and stderr. */
  readonly output: () => string;
  /** SIGTERM; resolves with its exit status when it has gone, its state removed. */
  readonly stop: () => Promise<number | null>;
  /** SIGKILL, as when a machine goes. */
  readonly kill: () => Promise<void>;
}

/** Resolves when /readyz says it is ready, or that nothing but a worker is missing where another process is to be one; rejects with what it wrote when it ends before. */
export async function startServe({
  hosts,
  config,
  env,
  roles,
  node = [],
  program = PROGRAM,
}: ServePlan): Promise<ServeProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'tcp-oncall-serve-'));
  const file = await writeConfig(dir, hosts, config ?? {});
  const port = await freePort();
  const words = ['serve', '--config', file, '--listen', `127.0.0.1:${port}`, ...(roles ? ['--roles', roles] : [])];
  const child = spawn(process.execPath, [...node, program, ...words], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: dir, LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      written += text;
    });
  }
  const url = `http://127.0.0.1:${port}`;
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const gone = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const status = await ended;
    await Promise.all([dir, file].map((path) => rm(path, { recursive: true, force: true })));
    return status;
  };
  try {
    await untilReady(url, roles?.includes('worker') ?? true, ended, () => written);
  } catch (error) {
    await gone('SIGTERM');
    throw error;
  }
  return {
    child,
    pid: child.pid ?? 0,
    url,
    stateDir: join(dir, 'state'),
    config: file,
    ended,
    output: () => written,
    stop: () => gone('SIGTERM'),
    kill: async () => void (await gone('SIGKILL')),
  };
}

/** Beside the file with the hosts, because its paths are relative to itself. */
async function writeConfig(dir: string, hosts: string, more: Readonly<Record<string, unknown>>): Promise<string> {
  const said = parse(await readFile(hosts, 'utf8')) as Readonly<Record<string, unknown>>;
  const file = join(dirname(hosts), `${basename(dir)}.yaml`);
  await writeFile(file, stringify({ ...said, stateDir: join(dir, 'state'), ...more }));
  return file;
}

async function untilReady(
  url: string,
  works: boolean,
  ended: Promise<number | null>,
  written: () => string,
): Promise<void> {
  const giveUp = AbortSignal.timeout(READY_WITHIN_MS);
  let over: number | null | undefined;
  void ended.then((status) => {
    over = status;
  });
  for (;;) {
    if (over !== undefined) throw new Error(`serve ended with status ${over}:\n${written()}`);
    if (giveUp.aborted) throw new Error(`serve was not ready in ${READY_WITHIN_MS / 1000} s:\n${written()}`);
    const answer = await fetch(`${url}/readyz`, { signal: giveUp }).catch(() => undefined);
    if (answer?.ok || (!works && (await lacksWorkersOnly(answer)))) return;
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

async function lacksWorkersOnly(answer: Response | undefined): Promise<boolean> {
  const said = (await answer?.json().catch(() => undefined)) as
    | { checks?: Readonly<Record<string, string>> }
    | undefined;
  if (said?.checks === undefined) return false;
  return Object.entries(said.checks).every(([name, state]) => name === 'workers' || state === 'ok');
}
