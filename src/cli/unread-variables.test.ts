import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSurroundings } from '#ssh/surroundings.ts';
import { runCli } from './program.ts';
import type { World } from './world.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'unread-'));
  await Promise.all([
    mkdir(join(dir, 'group_vars')),
    writeFile(join(dir, 'hosts.ini'), '[web]\nweb-01\n'),
    writeFile(join(dir, 'ssh_config'), ''),
    writeFile(join(dir, 'tcp-oncall.yaml'), 'inventory: { ansible: ./hosts.ini, sshConfig: ./ssh_config }\n'),
  ]);
});
afterAll(() => rm(dir, { recursive: true }));

/** Without an ansible-inventory. */
async function run(...args: readonly string[]) {
  const said = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      said[name] += text;
    },
  });
  const world = {
    ...{ stdout: sink('stdout'), stderr: sink('stderr'), env: { PATH: '/nonexistent' }, version: '1.2.3' },
    signal: new AbortController().signal,
    surroundings: async () => createSurroundings({ knownHosts: [], agentSocket: undefined }),
    examine: async () => [],
    sources: async () => [],
    openPool: async () => ({
      run: () => Promise.reject(new Error('no host here')),
      [Symbol.asyncDispose]: async () => {},
    }),
  } as unknown as World;
  await runCli([...args, '--config', join(dir, 'tcp-oncall.yaml')], world);
  return said;
}

it.each([
  [
    'hosts',
    'en',
    /^tcp-oncall: Not read, for lack of an ansible-inventory here: .*\/group_vars\.\nInstall ansible-core/,
  ],
  ['hosts', 'ja', /^tcp-oncall: ansible-inventory がないため、.*\/group_vars は読んでいません。\n/],
])('%s in %s says what it did not read, beside the list of hosts', async (command, lang, said) => {
  const { stdout, stderr } = await run(command, '--lang', lang);
  expect(stderr).toMatch(said);
  expect(stdout).toMatch(/web-01 .*web$/m);
  expect(stdout).not.toContain('group_vars');
});

it('hosts test says it before the login, which may be to the wrong place', async () =>
  expect((await run('hosts', 'test', 'web-01')).stderr).toMatch(/^tcp-oncall: Not read, .*group_vars/));

it('doctor has a line for it', async () =>
  expect((await run('doctor')).stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /-- Not read, for lack of an ansible-inventory here: \S+group_vars\. -> Install ansible-core/,
  ));
