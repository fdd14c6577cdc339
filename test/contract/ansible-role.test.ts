/** The Ansible role runs the script that host-setup prints: nothing about setting a host up is said a second time in it. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { anyHostScript } from '#app/set-up-host.ts';
import { runCli } from '../../src/cli/program.ts';
import type { World } from '../../src/cli/world.ts';

type Task = Readonly<Record<string, { readonly argv: string; readonly stdin?: string } | undefined>>;

const ROLE = new URL('../../ansible/roles/tcp_oncall_host/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROLE), 'utf8');
const defaults = parse(read('defaults/main.yml')) as Readonly<Record<string, unknown>>;

it.each([
  ['main.yml', [], false],
  ['remove.yml', ['--remove'], true],
])('gets what tasks/%s runs from the program, with its version of the helper', async (file, more, remove) => {
  const [get, runIt] = (parse(read(`tasks/${file}`)) as readonly Task[]).map((task) => task['ansible.builtin.command']);
  expect(get?.argv).toContain('tcp_oncall_host_script_command');
  expect(get?.argv.includes("['--remove']")).toBe(remove);
  expect(runIt?.stdin).toBe('{{ tcp_oncall_host_script.stdout }}');
  const [program, ...words] = defaults['tcp_oncall_host_script_command'] as readonly string[];
  expect(await printed([...words, ...more])).toBe(anyHostScript(remove, null));
  const { bin } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { bin: object };
  expect(Object.keys(bin)).toEqual([program]);
});

it.each(['signed', 'unsigned'] as const)(
  'gets the helper for kernels too, for %s ones, where it is asked to',
  async (kernel) => {
    const [get] = (parse(read('tasks/main.yml')) as readonly Task[]).map((task) => task['ansible.builtin.command']);
    const options = { signed: ['--kernel'], unsigned: ['--kernel', 'unsigned'] }[kernel];
    expect(get?.argv).toContain(`'${kernel}': ${JSON.stringify(options).replaceAll('"', "'").replaceAll(',', ', ')}`);
    expect(get?.argv).toContain('.get(tcp_oncall_host_kernel, [])');
    expect(await printed(['host-setup', '--script', ...options])).toBe(anyHostScript(false, null, kernel));
  },
);

async function printed(words: readonly string[]): Promise<string> {
  let said = '';
  const stdout = { write: (text: string) => (said += text) };
  const world = { stdout, stderr: process.stderr, env: {}, version: '0' } as unknown as World;
  expect(await runCli(words, world)).toBe(0);
  return said;
}

it('has no copy of what the program prints', () => {
  for (const folder of ['files', 'templates']) expect(existsSync(new URL(folder, ROLE))).toBe(false);
});

it('tells of every variable in its README', () => {
  const readme = read('README.md');
  expect(Object.keys(defaults).filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});
