/** A place where recipes run without a runner: a home with rpm's key and database, a job, and what the job says. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Faults, FLAVOURS, type Flavour, syntheticSrpm } from './synthetic-srpm.ts';

const RUN_RECIPE = new URL('run-recipe.sh', import.meta.url).pathname;
const ID = 'abcdefgh';
export const STAGES = ['unpack', 'patch', 'configure', 'compile', 'package', 'check'] as const;

export interface Said {
  /** Of the stage that failed, as CODE TEXT; null = none did. */
  readonly failure: string | null;
  /** By kind: note, ship, expect, event. */
  readonly lines: readonly string[];
}

export interface RecipePlace {
  readonly dir: string;
  readonly home: string;
  readonly job: string;
  readonly work: string;
  readonly sources: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs FAMILY_STAGE of each stage, until one fails. */
  run(recipe: string, order: Readonly<Record<string, string>>, stages?: readonly string[]): Said;
  read(file: string): string;
  remove(): void;
}

export function recipePlace(): RecipePlace {
  const dir = mkdtempSync(join(tmpdir(), 'recipe-'));
  const home = join(dir, 'home');
  const job = join(home, '.tcp-oncall/kernel', ID);
  const sources = join(dir, 'sources');
  const bin = join(dir, 'bin');
  for (const path of [bin, join(job, 'in'), join(job, 'out'), sources]) mkdirSync(path, { recursive: true });
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: home, GNUPGHOME: join(dir, 'gpg'), LC_ALL: 'C' };
  return {
    dir,
    home,
    job,
    work: join(job, 'work'),
    sources,
    env,
    run: (recipe, order, stages = STAGES) => {
      const names = stages.map((stage) => `${recipe === 'deb' ? 'deb' : 'rpm'}_${stage}`);
      const given = { id: ID, recipe, config: 'running', arch: 'x86_64', jobs: '2', url: '-', ...order };
      const trees = { sources, objects: join(dir, 'objects') };
      const { stdout } = spawnSync(RUN_RECIPE, [job, ...names], {
        env: { ...env, ...given, ...trees },
        encoding: 'utf8',
      });
      const lines = stdout.trimEnd().split('\n');
      return { lines, failure: lines.find((line) => line.startsWith('fail '))?.slice(5) ?? null };
    },
    read: (file) => readFileSync(join(job, file), 'utf8'),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** A program that stands before the real one. */
export function stub(place: RecipePlace, name: string, script: string): void {
  writeFileSync(join(place.dir, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** A key that signs, and that rpm trusts here. */
export function trustKey(place: RecipePlace): void {
  const run = (program: string, ...argv: string[]) => execFileSync(program, argv, { env: place.env, stdio: 'pipe' });
  mkdirSync(join(place.dir, 'gpg'), { mode: 0o700 });
  run('gpg', '--batch', '--quiet', '--passphrase', '', '--quick-gen-key', 'vendor', 'rsa2048', 'sign', 'never');
  writeFileSync(join(place.dir, 'key'), run('gpg', '--batch', '--armor', '--export', 'vendor'));
  run('rpm', '--import', join(place.dir, 'key'));
}

export function sign(place: RecipePlace, file: string): void {
  const argv = ['--define', '_gpg_name vendor', '--define', '__gpg /usr/bin/gpg', '--addsign', file];
  execFileSync('rpmsign', argv, { env: place.env, stdio: 'pipe' });
}

/** Makes a flavour's source RPM, signed, and a yumdownloader that fetches it. Returns the order for it. */
export function offerSrpm(place: RecipePlace, flavour: Flavour, faults: Faults = {}, signed = true) {
  const { version, dist } = FLAVOURS[flavour];
  writeFileSync(join(place.home, '.rpmmacros'), `%dist ${dist}\n`);
  const made = join(place.dir, 'made');
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made);
  const file = syntheticSrpm(made, flavour, faults, place.env);
  if (signed) sign(place, file);
  copyFileSync(file, join(place.dir, 'offered.src.rpm'));
  rmSync(join(place.sources, 'source.src.rpm'), { force: true });
  rmSync(join(place.job, 'log'), { force: true });
  rmSync(join(place.job, 'out'), { recursive: true, force: true });
  stub(place, 'yumdownloader', `cp '${join(place.dir, 'offered.src.rpm')}' .`);
  const release = /kernel-[^-]*-(.*)\.src\.rpm$/.exec(file)?.[1] ?? '';
  return { package: 'kernel', version: `${version}-${release}`, seconds: '15' };
}

/** Gives the place's files over https, as a process: a recipe is waited for without a turn of the event loop. */
export async function fileServer({ dir, env }: RecipePlace) {
  const key = ['-keyout', 'key.pem', '-out', 'certificate', '-addext', 'subjectAltName=DNS:localhost'];
  const argv = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', ...key];
  execFileSync('openssl', argv, { cwd: dir, env, stdio: 'pipe' });
  const server = spawn('openssl', ['s_server', '-accept', '0', '-cert', 'certificate', '-key', 'key.pem', '-WWW'], {
    cwd: dir,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const port = await new Promise<string>((resolve) => {
    server.stdout.on('data', (said) => {
      const accepts = /ACCEPT \S*:(\d+)/.exec(String(said))?.[1];
      if (accepts !== undefined) resolve(accepts);
    });
  });
  return { port, stop: () => server.kill() };
}
