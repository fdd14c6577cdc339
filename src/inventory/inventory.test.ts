import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSurroundings } from '#ssh/surroundings.ts';
import type { HostEntry } from './host-entry.ts';
import { usualKnownHosts } from './known-hosts-files.ts';
import { openInventory } from './open-inventory.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'inventory-'));
  await mkdir(join(dir, '.ssh'));
});
afterEach(() => rm(dir, { recursive: true }));

interface Given {
  readonly hosts?: Record<string, HostEntry>;
  readonly ini?: string;
  readonly ssh?: string;
}

function here() {
  const surroundings = createSurroundings({ knownHosts: usualKnownHosts(dir), agentSocket: undefined });
  return { home: dir, user: 'ann', transport: 'auto', surroundings } as const;
}

const ansible = (files: readonly string[]) => ({
  files,
  directory: dir,
  env: { PATH: '/nonexistent' },
  signal: new AbortController().signal,
});

async function open({ hosts = {}, ini, ssh }: Given) {
  if (ini !== undefined) await writeFile(join(dir, 'hosts.ini'), ini);
  if (ssh !== undefined) await writeFile(join(dir, '.ssh/config'), ssh);
  const opened = await openInventory({
    hosts: new Map(Object.entries(hosts)),
    sshConfig: undefined,
    ansible: ansible(ini === undefined ? [] : [join(dir, 'hosts.ini')]),
    ...here(),
  });
  if (opened.kind === 'invalid') throw new Error(opened.message);
  return opened.inventory;
}

async function find(given: Given, name: string) {
  const found = await (await open(given)).findHost(name);
  if (found.kind !== 'host') throw new Error(JSON.stringify(found));
  return found.host;
}

function haveSsh(): boolean {
  try {
    execFileSync('ssh', ['-G', '-F', '/dev/null', '--', 'x'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('a host of tcp-oncall.yaml', () => {
  it('has a default for what is not said', async () => {
    await writeFile(join(dir, '.ssh/id_rsa'), '');
    expect(await find({ hosts: { 'web-01': {} } }, 'web-01')).toEqual({
      name: 'web-01',
      address: 'web-01',
      port: 22,
      user: 'ann',
      identityFiles: [join(dir, '.ssh/id_rsa')],
      groups: [],
      jump: [],
      transport: { kind: 'ssh2' },
    });
  });

  it('outweighs the way that Ansible says, which outweighs that of ssh_config', async () => {
    const given = {
      ini: `gate\nweb-01 ansible_ssh_common_args='-o ProxyCommand="tunnel %h"'\n`,
      ssh: 'Host web-01\n  ProxyJump gate\n',
    };
    const byAnsible = await find({ ...given, hosts: { 'web-01': { transport: 'ssh2' } } }, 'web-01');
    expect(byAnsible).toMatchObject({ jump: [], transport: { kind: 'ssh2', proxyCommand: 'tunnel web-01' } });
    for (const jump of [[], ['gate']]) {
      const { transport, ...host } = await find({ ...given, hosts: { 'web-01': { jump } } }, 'web-01');
      expect(host.jump.map(({ name }) => name)).toEqual(jump);
      expect(transport).toEqual({ kind: 'ssh2' });
    }
  });

  it('wins over Ansible, which wins over ssh_config; groups add up', async () => {
    const given = {
      hosts: { 'web-01': { address: '10.0.0.1', groups: ['front'] } },
      ini: '[web]\nweb-01 ansible_host=10.0.0.2 ansible_user=deploy\n',
      ssh: 'Host web-01\n  HostName 10.0.0.3\n  User carl\n  Port 2200\n  IdentityFile ~/.ssh/web\n  HostKeyAlias web\n',
    };
    expect(await find(given, 'web-01')).toEqual({
      name: 'web-01',
      address: '10.0.0.1',
      user: 'deploy',
      port: 2200,
      identityFiles: [join(dir, '.ssh/web')],
      groups: ['front', 'web'],
      jump: [],
      hostKeyAlias: 'web',
      transport: { kind: 'ssh2' },
    });
  });
});

describe('a host of ssh_config', () => {
  it('is known by its own name, or by a pattern that says its HostName', async () => {
    const ssh = 'Host web-01\n  HostName 10.0.0.1\nHost *.lab !x.lab\n  HostName %h.example.com\nHost *\n  User root\n';
    expect((await find({ ssh }, 'web-01')).address).toBe('10.0.0.1');
    if (haveSsh()) expect((await find({ ssh }, 'a.lab')).address).toBe('a.lab.example.com');
    const inventory = await open({ ssh });
    expect(await inventory.findHost('x.lab')).toMatchObject({ kind: 'unknown' });
    expect(await inventory.findHost('web-02')).toEqual({ kind: 'unknown', name: 'web-02', nearest: ['web-01'] });
    expect(inventory.listHosts()).toEqual([{ name: 'web-01', groups: [] }]);
  });

  it('is found in included files', async () => {
    await mkdir(join(dir, '.ssh/conf.d'));
    await writeFile(join(dir, '.ssh/conf.d/b.conf'), 'Host deep\n  HostName 10.1.1.1\n');
    const inventory = await open({ ssh: 'Include conf.d/*.conf\n' });
    expect(inventory.listHosts().map(({ name }) => name)).toEqual(['deep']);
  });

  it('is reached through its ProxyJump, a name only DNS knows too', async () => {
    const host = await find(
      { ssh: 'Host a\n  ProxyJump ops@outer:2200,inner\nHost outer\n  HostName 10.9.9.9\nHost *\n  User carl\n' },
      'a',
    );
    expect(host.jump.map(({ user, address, port }) => `${user}@${address}:${port}`)).toEqual([
      'ops@10.9.9.9:2200',
      'carl@inner:22',
    ]);
  });
});

describe('jump', () => {
  const hosts = {
    outer: { address: '1.1.1.1', user: 'gate' },
    inner: { address: '2.2.2.2', jump: ['outer'] },
    target: { address: '3.3.3.3', jump: ['inner'] },
    direct: { jump: ['ops@4.4.4.4:2200', '[fd00::1]:22'] },
    typo: { jump: ['inne'] },
    one: { jump: ['two'] },
    two: { jump: ['one'] },
    self: { jump: ['self'] },
    bad: { jump: ['; rm -rf /'] },
  };

  it('brings the way of the first hop along', async () => {
    const host = await find({ hosts }, 'target');
    expect(host.jump.map(({ name, user, jump }) => [name, user, jump.length])).toEqual([
      ['outer', 'gate', 0],
      ['inner', 'ann', 0],
    ]);
  });

  it('takes addresses', async () => {
    const host = await find({ hosts }, 'direct');
    expect(host.jump.map(({ user, address, port }) => [user, address, port])).toEqual([
      ['ops', '4.4.4.4', 2200],
      ['ann', 'fd00::1', 22],
    ]);
  });

  it.each([
    ['typo', 'typo jumps through inne, which is not a known host. Did you mean inner?'],
    ['one', 'The way to one goes in a circle: one through two through one.'],
    ['self', 'The way to self goes in a circle: self through self.'],
    ['bad', 'bad jumps through "; rm -rf /", which is no host: write a host\'s name or user@host:port.'],
  ])('%s: %s', async (name, message) => {
    const inventory = await open({ hosts });
    expect(await inventory.findHost(name)).toEqual({ kind: 'invalid', message });
  });
});

describe('findHost', () => {
  it.each(['', '-oProxyCommand=x', '$(id)', 'a b', '../x'])(
    'knows no host by the name %j, and asks nobody',
    async (name) => {
      const inventory = await open({ ssh: 'Host *\n  HostName 127.0.0.1\n' });
      expect(await inventory.findHost(name)).toMatchObject({ kind: 'unknown' });
    },
  );

  it('is asked with a name as it is stored, and finds no other', async () => {
    const inventory = await open({ hosts: { 'web-01': { address: '10.0.0.11' } } });
    expect(await inventory.findHost('WEB-01')).toMatchObject({ kind: 'unknown' });
    expect(await inventory.findHost('10.0.0.11')).toMatchObject({ kind: 'unknown' });
  });

  it('suggests near names', async () => {
    const inventory = await open({ hosts: { 'web-01': {}, 'web-02': {}, 'mail-01': {} } });
    expect(await inventory.findHost('wbe-01')).toEqual({
      kind: 'unknown',
      name: 'wbe-01',
      nearest: ['web-01', 'web-02'],
    });
  });
});

describe('findTyped', () => {
  const given = {
    hosts: { 'web-01': { address: '10.0.0.11' }, a: { address: '10.0.0.9' }, b: { address: '10.0.0.9' } },
    ini: '[db]\ndb-01 ansible_host=10.0.0.21\n',
    ssh: 'Host lb-01\n  HostName %h.example.com\n',
  };

  it.each([
    ['WEB-01', 'web-01'],
    ['10.0.0.11:5432', 'web-01'],
    ['10.0.0.21', 'db-01'],
    ['lb-01.example.com:443', 'lb-01'],
  ])('%s is %s', async (typed, name) => {
    const inventory = await open(given);
    expect(await inventory.findTyped(typed)).toMatchObject({ kind: 'host', host: { name } });
    expect(inventory.recognise(typed)).toBe(name);
  });

  it('names those that share an address, and chooses none of them', async () => {
    const inventory = await open(given);
    expect(await inventory.findTyped('10.0.0.9')).toEqual({ kind: 'unknown', name: '10.0.0.9', nearest: ['a', 'b'] });
    expect(inventory.recognise('10.0.0.9')).toBeUndefined();
  });

  it('suggests what is near', async () => {
    expect(await (await open(given)).findTyped('web1')).toMatchObject({ kind: 'unknown', nearest: ['web-01'] });
  });
});

describe('openInventory', () => {
  const sources = () => ({ ...here(), hosts: new Map(), sshConfig: undefined, ansible: ansible([]) });

  it.each<[string, string]>([
    ['', ''],
    [' group_vars host_vars', ' group_vars host_vars'],
  ])('names the variables that take Ansible, which is not here: %j', async (there, unread) => {
    const at = join(dir, `beside${there}`);
    await mkdir(at);
    for (const name of there.split(' ').filter(Boolean)) await mkdir(join(at, name));
    await Promise.all(['one.ini', 'two.ini'].map((name) => writeFile(join(at, name), 'web-01\n')));
    const opened = await openInventory({
      ...sources(),
      ansible: ansible([join(at, 'one.ini'), join(at, 'two.ini')]),
    });
    expect(opened).toMatchObject({
      inventory: {
        unread: unread
          .split(' ')
          .filter(Boolean)
          .map((name) => join(at, name)),
      },
    });
  });

  it('names the line of an Ansible inventory that cannot be read', async () => {
    await writeFile(join(dir, 'x.ini'), 'web-01\n[web\n');
    expect(await openInventory({ ...sources(), ansible: ansible([join(dir, 'x.ini')]) })).toMatchObject({
      message: expect.stringContaining('x.ini line 2 cannot be read as an Ansible inventory: "[web" is not a section'),
    });
  });

  it.each(['sshConfig', 'ansible'])('says that the file of inventory.%s does not exist', async (key) => {
    const gone = join(dir, 'gone');
    const opened = await openInventory({ ...sources(), [key]: key === 'ansible' ? ansible([gone]) : gone });
    expect(opened).toEqual({ kind: 'invalid', message: `inventory.${key} names ${gone}, which does not exist.` });
  });

  it('lists groups with their hosts', async () => {
    const inventory = await open({ hosts: { b: { groups: ['web'] } }, ini: '[web]\na\n[all-web:children]\nweb\n' });
    expect(Object.fromEntries(inventory.groups)).toEqual({ web: ['a', 'b'], 'all-web': ['a'] });
  });
});
