/** docker-compose.yml as somebody has it who runs it: in a directory with what it wants beside it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { capture, podman } from './podman.ts';

export type Services = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface ComposeProject {
  readonly dir: string;
  readonly compose: (...args: string[]) => Promise<string>;
  /** Starts these services and what they depend on. */
  readonly up: (...args: string[]) => Promise<void>;
  /** The names of a service's containers, that of the first replica first. */
  readonly containersOf: (service: string) => Promise<readonly string[]>;
  /** What its containers are and printed, for a failure. */
  readonly logs: () => Promise<string>;
}

const FILE = new URL('../../docker-compose.yml', import.meta.url);

/** `more`: services and settings beside those of the file. */
export async function openProject(name: string, more: Services = {}): Promise<ComposeProject> {
  const dir = join(process.env['STAGE'] ?? '', name);
  await mkdir(dir, { recursive: true });
  const text = await readFile(FILE, 'utf8');
  // docker-compose 1.29, which Debian has, knows no top-level name.
  await writeFile(join(dir, 'docker-compose.yml'), text.replace(/^name: .*\n/m, ''));
  await writeFile(join(dir, 'more.json'), JSON.stringify({ services: placed(text, more) }));
  const compose = (...args: string[]) =>
    capture('docker-compose', [
      '--ansi',
      'never',
      '-p',
      name,
      '--project-directory',
      dir,
      '-f',
      join(dir, 'docker-compose.yml'),
      '-f',
      join(dir, 'more.json'),
      ...args,
    ]);
  const containersOf = async (service: string) =>
    linesOf(
      await podman(
        'ps',
        '--all',
        '--format',
        '{{.Names}}',
        '--filter',
        `label=com.docker.compose.project=${name}`,
        '--filter',
        `label=com.docker.compose.service=${service}`,
      ),
    ).sort();

  return {
    dir,
    compose,
    containersOf,
    async up(...args) {
      const up = new AbortController();
      const watching = watchHealth(up.signal);
      await compose(
        ...args.filter((arg) => arg.startsWith('--profile=')),
        'up',
        '-d',
        '--no-build',
        ...args.filter((arg) => !arg.startsWith('--profile=')),
      ).finally(() => up.abort());
      await watching;
    },
    logs: async () => `${await podman('ps', '--all')}\n${await compose('logs', '--tail', '40')}`,
  };
}

/** Every service of a run has its cgroups in one place, so that they can be removed after a run that was killed. */
function placed(text: string, more: Services): Services {
  const { services } = parse(text, { merge: true }) as { readonly services: Services };
  const parent = { cgroup_parent: process.env['CGROUP_PARENT'] };
  return Object.fromEntries(
    [...Object.keys(services), ...Object.keys(more)].map((name) => [name, { ...parent, ...more[name] }]),
  );
}

/** Asks for the health that Docker would look at by itself: without systemd, podman runs no health checks. */
async function watchHealth(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const waiting = linesOf(await podman('ps', '--filter', 'health=starting', '--format', '{{.Names}}'));
    await Promise.all(waiting.map((container) => podman('healthcheck', 'run', container).catch(() => {})));
    await sleep(200);
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
