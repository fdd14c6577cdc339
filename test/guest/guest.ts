/** A machine that really boots: QEMU, GRUB, a small kernel, Debian with systemd and sshd. Reached over loopback alone. Needs root. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { must, type Outcome, run } from '#lab/command.ts';
import { freePort } from '#lab/free-port.ts';
import { LabError } from '#lab/lab-error.ts';
import { greets } from '#lab/start-host.ts';
import { createMachine } from './machine.ts';

/** An account of the guest that may log in: `ops` has what host-setup gives it. */
export type GuestUser = 'ops' | 'root';

export interface Guest extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** `type base64` of its host key. */
  readonly hostKey: string;
  /** The private key of an account. */
  readonly identity: (user: GuestUser) => string;
  /** Runs a line of its shell over SSH; rejects when nothing answers. */
  readonly exec: (user: GuestUser, command: string, input?: string | Buffer) => Promise<Outcome>;
  /** Packages to install: what bin/small-kernel made. */
  readonly kernels: string;
  /** All that its serial consoles have shown, boot after boot. */
  readonly console: () => Promise<string>;
  /** How often it has been started; 1 before it first resets. */
  readonly boots: () => number;
  /** Resolves when this boot, or a later one, answers on SSH. */
  readonly untilUp: (boot?: number) => Promise<void>;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Cold, with kernels to be compiled, on a busy machine. */
export const MAKE_WITHIN_MS = 40 * 60_000;
const UP_WITHIN_MS = 300_000;
const COMMAND_WITHIN_MS = 300_000;
const ADDRESS = '127.0.0.1';
/** Each look takes the guest some work. */
const LOOK_EVERY_MS = 250;

/** Resolves when it answers on SSH. The first guest of all compiles kernels; that takes minutes. */
export async function startGuest(): Promise<Guest> {
  const made = await makeDisk();
  const dir = await mkdtemp(join(tmpdir(), 'guest-'));
  const disk = join(dir, 'disk.img');
  await must(['cp', '--sparse=always', join(made, 'disk.img'), disk]);
  const port = await freePort();
  const machine = createMachine({ dir, disk, port });
  const hostKey = (await readFile(join(made, 'host.pub'), 'utf8')).trim();
  const identity = (user: GuestUser) => join(made, user);

  async function untilUp(boot = 1): Promise<void> {
    const deadline = Date.now() + UP_WITHIN_MS;
    while (machine.boots() < boot || !(await greets(ADDRESS, port))) {
      machine.check();
      if (Date.now() > deadline) throw new LabError(`The guest did not answer: ${await machine.console()}`);
      await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
    }
  }

  const ssh = (user: GuestUser) => [
    'ssh',
    ...['-F', 'none', '-i', identity(user), '-p', String(port), '-l', user],
    ...['BatchMode=yes', 'IdentitiesOnly=yes', 'LogLevel=ERROR', 'UserKnownHostsFile=/dev/null'].flatMap(option),
    ...['StrictHostKeyChecking=no', 'ServerAliveInterval=20'].flatMap(option),
    ADDRESS,
  ];

  async function exec(user: GuestUser, command: string, input: string | Buffer = ''): Promise<Outcome> {
    const outcome = await run([...ssh(user), command], { input, timeoutMs: COMMAND_WITHIN_MS });
    if (outcome.status === 255 || outcome.status === null)
      throw new LabError(`The guest did not answer to: ${command}: ${outcome.stderr}`);
    return outcome;
  }

  async function stop(): Promise<void> {
    await machine.stop();
    await rm(dir, { recursive: true, force: true });
  }

  try {
    await untilUp();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address: ADDRESS,
    port,
    hostKey,
    identity,
    exec,
    kernels: join(made, 'kernels'),
    console: machine.console,
    boots: machine.boots,
    untilUp,
    [Symbol.asyncDispose]: stop,
  };
}

function option(text: string): readonly string[] {
  return ['-o', text];
}

async function makeDisk(): Promise<string> {
  const making = promisify(execFile)(join(HERE, 'make-disk.sh'), { timeout: MAKE_WITHIN_MS });
  making.child.stderr?.pipe(process.stderr, { end: false });
  return (await making).stdout.trim();
}
