/** A build host for the kernel runner, without sshd: a directory that is an account's home, an account of its own, real processes. Needs root. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';
import { type BuildOrder, type RunnerVerb, runnerInput, runnerProgram } from '#kinds/kernel/runner.ts';
import { type RunnerAnswer, readRunnerAnswer } from '#kinds/kernel/runner-answer.ts';

export const SHELLS = ['dash', 'bash', 'busybox'] as const;

export const ID = 'abcdefgh';
export const WORD = 'w0rd';
const CONFIG = 'CONFIG_TEST=y\n';

/** With the recipe that tests have; `in/config` is there for each job. */
export const ORDER: BuildOrder = {
  recipe: 'fake',
  seconds: 15,
  release: '6.1.0-28-amd64',
  arch: 'x86_64',
  source: { package: 'linux-source-6.1', version: '6.1.119-1', url: null },
  config: 'running',
  configSha: 'e2ade8f3d471339eef89372a65cc46423a167d051cf6f0c0abbcc4076df1a500',
  modules: [],
};

export const PROGRAM = runnerProgram([readFileSync(new URL('recipe.sh', import.meta.url), 'utf8')]);

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface BuildHost extends AsyncDisposable {
  readonly account: number;
  readonly home: string;
  /** Where its jobs are. */
  readonly kernels: string;
  /** Where its builds of ORDER keep their objects. */
  readonly objects: string;
  /** The job's directory. */
  readonly job: (id?: string) => string;
  /** Its files, from its directory on; '' where there is none. */
  readonly file: (path: string, id?: string) => string;
  /** Something that the recipe of tests looks at. */
  readonly knob: (name: string, text: string) => void;
  readonly release: (name: string) => void;
  /** What a job needs before it begins. */
  readonly carry: (id?: string) => void;
  readonly build: (id?: string, order?: Partial<BuildOrder>) => Promise<RunnerAnswer>;
  /** Builds until this unit is made, and holds it there: a unit without its object is made again, and logged again. */
  readonly compiling: (unit: number) => Promise<void>;
  /** Rejects when it says no state. */
  readonly ask: (ask: RunnerVerb, id?: string) => Promise<RunnerAnswer>;
  readonly look: (id?: string) => Promise<RunnerAnswer>;
  /** The same, with all that is said. */
  readonly run: (argv: readonly string[], stdin?: string) => Promise<Ran>;
  readonly argv: (ask: RunnerVerb, id?: string) => readonly string[];
  /** Looks until that is so. */
  readonly until: (isSo: (answer: RunnerAnswer) => boolean, id?: string) => Promise<RunnerAnswer>;
  readonly over: (id?: string) => Promise<RunnerAnswer>;
  /** Of the account, without zombies. */
  readonly processes: () => readonly number[];
  /** Of the job's runner. */
  readonly runner: (id?: string) => number;
  /** Ends all processes of the account, and is another boot. */
  readonly reboot: () => Promise<void>;
  /** Kills the job's runner alone. */
  readonly killRunner: (id?: string) => Promise<void>;
  readonly spawn: (argv: readonly string[]) => ReturnType<typeof spawn>;
}

let serial = 0;

/** Of no other test that runs meanwhile, and of no person: all its processes are ended with it. */
function newAccount(): number {
  serial += 1;
  return 100_000 + (process.pid % 10_000) * 100 + serial;
}

/** `mount`: options of a tmpfs that is its home. `nice`: how far before all others its processes are, for what is held to a time. */
export function openBuildHost({ shell = 'dash', mount = '', nice = 0 } = {}): BuildHost {
  const account = newAccount();
  const place = mkdtempSync(join(tmpdir(), 'build-host-'));
  const [home, bin, boot] = [join(place, 'home'), join(place, 'bin'), join(place, 'boot-id')];
  spawnSync('chmod', ['755', place]);
  mkdirSync(home);
  mkdirSync(bin);
  symlinkSync(spawnSync('which', [shell], { encoding: 'utf8' }).stdout.trim(), join(bin, 'sh'));
  writeFileSync(boot, 'first\n');
  if (mount !== '') spawnSync('mount', ['-t', 'tmpfs', '-o', mount, 'tmpfs', home]);
  mkdirSync(join(home, 'knobs'));
  for (const folder of [home, join(home, 'knobs')]) chownSync(folder, account, account);

  const kernels = join(home, '.tcp-oncall/kernel');
  const objects = join(kernels, `objects/linux-source-6.1-6.1.119-1-${ORDER.configSha?.slice(0, 12)}`);
  const job = (id = ID) => join(kernels, id);
  const env = { HOME: home, PATH: `${bin}:${process.env['PATH']}`, TCP_ONCALL_BOOT_ID: boot };
  const login = ['-n', `${nice}`, 'setpriv', `--reuid=${account}`, `--regid=${account}`, '--clear-groups'];
  const start = ([program = '', ...words]: readonly string[]) =>
    spawn('nice', [...login, program === 'sh' ? join(bin, 'sh') : program, ...words], {
      env,
      cwd: '/',
      detached: true,
    });

  function run(argv: readonly string[], stdin = ''): Promise<Ran> {
    const began = performance.now();
    const child = start(argv);
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (said.stderr += text));
    child.stdin.on('error', () => undefined).end(stdin);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => resolve({ ...said, milliseconds: performance.now() - began }));
    });
  }

  async function ask(verb: RunnerVerb, id = ID): Promise<RunnerAnswer> {
    const input = runnerInput(WORD, id, verb, PROGRAM);
    const ran = await run(input.kind === 'argv' ? input.argv : [], 'stdin' in input ? input.stdin : '');
    const answer = readRunnerAnswer(ran.stdout, WORD);
    if (answer === undefined) throw new Error(`${verb.verb} ${id}: ${ran.stdout}${ran.stderr}`);
    return answer;
  }

  function carry(id = ID): void {
    const folder = join(job(id), 'in');
    if (existsSync(folder)) return;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config'), CONFIG);
    spawnSync('chown', ['-R', `${account}`, join(home, '.tcp-oncall')]);
  }

  const processes = () => processesOf(account);
  const runner = (id = ID) => Number(readFileSync(join(job(id), 'runner'), 'utf8').split(' ')[0]);
  const look = (id = ID) => ask({ verb: 'look', line: 0 }, id);
  const end = () =>
    soon(() => {
      const left = processes();
      for (const pid of left) kill(pid);
      return left.length === 0;
    });
  const until: BuildHost['until'] = async (isSo, id = ID) => {
    let answer = await look(id);
    while (!isSo(answer)) {
      await sleep(50);
      answer = await look(id);
    }
    return answer;
  };

  const knob = (name: string, text: string) => writeFileSync(join(home, 'knobs', name), text);
  const build: BuildHost['build'] = (id = ID, order = {}) => {
    carry(id);
    return ask({ verb: 'build', order: { ...ORDER, ...order } }, id);
  };

  return {
    account,
    home,
    kernels,
    objects,
    job,
    file: (path, id = ID) => (existsSync(join(job(id), path)) ? readFileSync(join(job(id), path), 'utf8') : ''),
    knob,
    release: (name) => rmSync(join(home, 'knobs', name)),
    carry,
    build,
    compiling: async (unit) => {
      knob(`hold-unit-${unit}`, '');
      await build();
      await soon(() => existsSync(join(objects, `${unit}.o`)));
    },
    ask,
    look,
    run,
    argv: (verb, id = ID) => {
      const input = runnerInput(WORD, id, verb, PROGRAM);
      return input.kind === 'argv' ? input.argv : [];
    },
    until,
    over: (id = ID) => until(({ state }) => !['queued', 'building', 'interrupted'].includes(state.kind), id),
    processes,
    runner,
    killRunner: async (id = ID) => {
      const pid = runner(id);
      kill(pid);
      await soon(() => !processes().includes(pid));
    },
    reboot: async () => {
      await end();
      serial += 1;
      writeFileSync(boot, `boot-${serial}\n`);
    },
    spawn: start,
    [Symbol.asyncDispose]: async () => {
      await end();
      if (mount !== '') spawnSync('umount', ['-l', home]);
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/** Waits for what is about to be so. */
export async function soon(isSo: () => unknown): Promise<void> {
  await vi.waitUntil(async () => Boolean(await isSo()), { timeout: 60_000, interval: 50 });
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function processesOf(account: number): readonly number[] {
  const uid = new RegExp(`^Uid:\\s+${account}\\s`, 'm');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const status = statusOf(pid);
      return uid.test(status) && !/^State:\s+[ZX]/m.test(status);
    })
    .map(Number);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
