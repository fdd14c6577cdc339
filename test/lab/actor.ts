/** Starts the small programs that misbehave inside hosts, and ends them. */
import { spawn } from 'node:child_process';
import { appendFile, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { enterArgv, HOST_ENVIRONMENT } from './enter.ts';
import type { ActorStep } from './fault.ts';
import { LabError } from './lab-error.ts';
import { labPaths } from './names.ts';
import type { HostState } from './state.ts';

export type ActorProgram = 'listen' | 'connect';

/** What an actor says on its first line of output, besides `ready: true`: counts, errors by code. */
export type ActorReport = Readonly<Record<string, unknown>>;

const NODE = '/opt/lab/node';
const READY_WITHIN_MS = 60_000;
const APP = 2002;

/** Resolves with the actor's report when it is ready; it goes on running, for at most `life` seconds (600). */
export function startActor(lab: string, host: HostState, step: ActorStep): Promise<ActorReport> {
  const [program = 'nsenter', ...args] = actorArgv(host, step);
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    env: HOST_ENVIRONMENT,
  });
  child.unref();
  return new Promise((resolve, reject) => {
    let output = '';
    let complaints = '';
    const fail = (why: string) =>
      reject(new LabError(`${step.run} on ${host.name} ${why}: ${complaints.trim() || 'no reason given'}`));
    const timer = setTimeout(() => fail('was not ready in time'), READY_WITHIN_MS);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
      // Kept for the person who wonders why; best effort.
      appendFile(join(labPaths(lab).dir, 'actors.log'), `${host.name} ${step.run}: ${text}`).catch(() => undefined);
    });
    child.on('error', (cause) => fail(cause.message));
    child.on('close', (status) => fail(`ended with status ${status} before it was ready`));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!output.includes('\n')) return;
      clearTimeout(timer);
      letGo(child);
      resolve(JSON.parse(output) as ActorReport);
    });
  });
}

/** The actor writes nothing after its first line; without the pipes this process may end before it. */
function letGo({ stdout, stderr }: { stdout: { destroy(): void }; stderr: { destroy(): void } }): void {
  stdout.destroy();
  stderr.destroy();
}

function actorArgv(host: HostState, { run, args, limits = {}, ownUser, nestedNetns }: ActorStep): readonly string[] {
  const user = ownUser ? 20_000 + Number(host.address.split('.')[2]) : APP;
  const prlimit = Object.keys(limits).length > 0 ? ['prlimit', ...Object.entries(limits).map(limitOption), '--'] : [];
  // Leaving root only after unshare.
  const nested = nestedNetns
    ? ['unshare', '--net', '--', 'setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--']
    : [];
  const enter = nestedNetns ? enterArgv(host) : enterArgv(host, user);
  const actor = [NODE, `/opt/lab/actors/${run}.mjs`, JSON.stringify(args)];
  return [...prlimit, ...enter, ...nested, ...actor];
}

function limitOption([name, value]: readonly [string, number]): string {
  return `--${name}=${value}:${value}`;
}

/** Kills every actor of a host, also those in nested namespaces; resolves when they are gone. */
export async function endActors(host: HostState): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    const actors = await actorsOf(host);
    if (actors.length === 0) return;
    for (const pid of actors) kill(pid);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new LabError(`Actors on ${host.name} do not end.`);
}

async function actorsOf({ pid1 }: HostState): Promise<readonly number[]> {
  const inside = await readlink(`/proc/${pid1}/ns/pid`);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const checked = await Promise.all(pids.map(async (pid) => ((await isActor(pid, inside)) ? pid : undefined)));
  return checked.filter((pid) => pid !== undefined);
}

async function isActor(pid: number, pidNamespace: string): Promise<boolean> {
  try {
    if ((await readlink(`/proc/${pid}/ns/pid`)) !== pidNamespace) return false;
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).startsWith(NODE);
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
