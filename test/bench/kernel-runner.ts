/** What the runner of kernel builds costs a build host, beside the work that it does: the small kernel, cold, warm, and warm by hand. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runnerInput, runnerProgram } from '#kinds/kernel/runner.ts';
import type { Figure } from './figure.ts';

const execute = promisify(execFile);
const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Of nobody else. */
const ACCOUNT = 64_123;
const IDS = ['abcdefgh', 'bcdefghi'];
const PACKAGE = 'linux-source-6.1';
const RECIPES = ['build-host.sh', 'define.sh', 'deb.sh'].map((name) => `../../src/kinds/kernel/recipes/${name}`);

/** `config`: of the small kernel. */
export async function kernelRunner(config: string): Promise<readonly Figure[]> {
  const place = await mkdtemp(join(tmpdir(), 'tcp-oncall-bench-'));
  try {
    const builds = readBuilds(await build(place, config));
    const [cold, warm, hand] = [builds('cold'), builds('warm'), builds('hand')];
    return [
      overhead('a cold build of the small kernel', cold),
      overhead('a warm build', warm),
      {
        what: 'a warm build (patch, compile, package, check), to the same `make` by hand',
        ratio: warm.wall / hand.wall,
        limit: 1.3,
        made: `${warm.wall.toFixed(1)} s : ${hand.wall.toFixed(1)} s`,
      },
    ];
  } finally {
    await rm(place, { recursive: true });
  }
}

interface Build {
  readonly wall: number;
  readonly cpu: number;
  readonly recipe: number;
}

function overhead(what: string, { wall, cpu, recipe }: Build): Figure {
  return {
    what: `CPU of runner and polling in ${what}, to that of the build`,
    ratio: (cpu - recipe) / recipe,
    limit: 0.02,
    made: `${(cpu - recipe).toFixed(2)} s : ${recipe.toFixed(1)} s, in ${wall.toFixed(0)} s`,
  };
}

async function build(place: string, config: string): Promise<string> {
  const home = join(place, 'home');
  const program = join(place, 'program.sh');
  const recipes = await Promise.all([...RECIPES, 'timed-recipe.sh'].map((name) => readFile(fileOf(name), 'utf8')));
  await writeFile(program, runnerProgram(recipes));
  await execute('chmod', ['755', place]);
  for (const id of IDS) await carry(home, id, config);
  await execute('chown', ['-R', `${ACCOUNT}`, home]);
  const argv = ['-p', '--fork', '--kill-child', '--mount-proc', fileOf('kernel-runner.sh'), `${ACCOUNT}`, home];
  const { stdout } = await execute('unshare', [...argv, ...(await order(program, config))], { timeout: 3_600_000 });
  return stdout;
}

async function carry(home: string, id: string, config: string): Promise<void> {
  const folder = join(home, '.tcp-oncall/kernel', id, 'in');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config'), config);
}

/** The line that begins the runner, its program, and the order's words but for the seconds. */
async function order(program: string, config: string): Promise<readonly string[]> {
  const { stdout } = await execute('dpkg-query', ['-W', PACKAGE]);
  const version = stdout.trim().split('\t')[1] ?? '';
  const order = {
    recipe: 'timed',
    seconds: 5,
    release: '6.1.0-28-amd64',
    arch: 'x86_64',
    source: { package: PACKAGE, version, url: null },
    config: 'running',
    configSha: createHash('sha256').update(config).digest('hex'),
    modules: [],
  } as const;
  const input = runnerInput('w0rd', 'abcdefgh', { verb: 'build', order });
  const [, , boot = '', , , , , ...words] = input.kind === 'argv' ? input.argv : [];
  return [boot, program, ...words.filter((word) => !word.startsWith('seconds='))];
}

function readBuilds(text: string): (name: string) => Build {
  const lines = text.split('\n').map((line) => line.split(' '));
  return (name) => {
    const [, wall, cpu, recipe] = lines.find(([first]) => first === name) ?? [];
    return { wall: Number(wall), cpu: Number(cpu), recipe: Number(recipe) };
  };
}
