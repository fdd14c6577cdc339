/** Which inventories Ansible is asked for, and what comes of it, with the real ansible-inventory. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ansibleHosts } from '#inventory/ansible-groups.ts';
import { readAnsible } from '#inventory/read-ansible.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'read-ansible-'));
});
afterEach(() => rm(dir, { recursive: true }));

const WITHOUT = { PATH: '/nonexistent' };

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    if (text.startsWith('#!')) await chmod(path, 0o755);
  }
}

async function read(names: readonly string[], env: NodeJS.ProcessEnv = {}, signal = new AbortController().signal) {
  let asked = 0;
  const groups = await readAnsible({
    files: names.map((name) => join(dir, name)),
    directory: dir,
    env: { ...process.env, HOME: dir, ...env },
    signal,
    home: dir,
    onAsk: () => {
      asked++;
    },
  });
  if (typeof groups === 'string') return { asked, message: groups.replaceAll(dir, '') };
  return { asked, hosts: Object.fromEntries(ansibleHosts(groups, dir)) };
}

const SCRIPT = `#!/bin/sh
echo '{"web": ["w1"], "_meta": {"hostvars": {"w1": {"ansible_host": "10.0.0.1"}}}}'
`;

describe('what is plain', () => {
  it('is read at once', async () => {
    await write({ hosts: '[web]\nw1 ansible_host=10.0.0.1\n' });
    expect(await read(['hosts'])).toEqual({ asked: 0, hosts: { w1: { groups: ['web'], address: '10.0.0.1' } } });
  });

  it.each<[string, Readonly<Record<string, string>>, NodeJS.ProcessEnv]>([
    ['variables beside it', { 'group_vars/other.yml': 'x: 1\n' }, {}],
    ['variables of hosts beside it', { 'host_vars/w9': 'x: 1\n' }, {}],
    ['a priority of a group', { hosts: '[web]\nw1\n[web:vars]\nansible_group_priority=9\n' }, {}],
    ['a setting of ansible.cfg', { 'ansible.cfg': '[defaults]\nprecedence = all_inventory\n' }, {}],
    ['a setting of ~/.ansible.cfg', { '.ansible.cfg': '[inventory]\nenable_plugins = ini\n' }, {}],
    ['a setting of the environment', {}, { ANSIBLE_PRECEDENCE: 'all_inventory' }],
  ])('is no longer so with %s, and Ansible is asked', async (_, files, env) => {
    await write({ hosts: '[web]\nw1\n', ...files });
    expect(await read(['hosts'], { ...WITHOUT, ...env })).toEqual({ asked: 1, hosts: { w1: { groups: ['web'] } } });
  });

  it('stays so with other settings', async () => {
    await write({ hosts: 'w1\n', 'ansible.cfg': '[defaults]\nhost_key_checking = False\n' });
    expect(await read(['hosts'], { ANSIBLE_HOST_KEY_CHECKING: '0' })).toMatchObject({ asked: 0 });
  });
});

describe('what Ansible is asked for', () => {
  it('is variables of groups and hosts', async () => {
    await write({
      hosts: '[web]\nw1\nw2\n',
      'group_vars/web.yml': 'ansible_user: webber\nansible_port: 2222\n',
      'host_vars/w2.yml': 'ansible_host: 10.0.0.2\n',
    });
    const w1 = { groups: ['web'], user: 'webber', port: 2222 };
    expect(await read(['hosts'])).toEqual({ asked: 1, hosts: { w1, w2: { ...w1, address: '10.0.0.2' } } });
  });

  it('is a directory, with a program in it', async () => {
    await write({ 'inventory/a': '[db]\nd1\n', 'inventory/b': SCRIPT });
    expect(await read(['inventory'])).toEqual({
      asked: 1,
      hosts: { d1: { groups: ['db'] }, w1: { groups: ['web'], address: '10.0.0.1' } },
    });
  });

  it('is a plugin, which builds on what the other files say', async () => {
    await write({
      'built.yml': `plugin: constructed\nstrict: true\ncompose: { ansible_port: 2200 + 22 }\ngroups: { made: "inventory_hostname == 'w1'" }\n`,
      hosts: 'w1\nw2\n',
    });
    expect(await read(['built.yml', 'hosts'])).toEqual({
      asked: 1,
      hosts: { w1: { groups: ['made'], port: 2222 }, w2: { groups: [], port: 2222 } },
    });
  });

  it('is what we cannot read and Ansible can', async () => {
    await write({
      'hosts.yml':
        'web:\n  hosts: &w { w1: { ansible_user: &u ann } }\ndb: { hosts: *w, vars: { ansible_user: *u } }\n',
    });
    expect(await read(['hosts.yml'])).toEqual({ asked: 1, hosts: { w1: { groups: ['db', 'web'], user: 'ann' } } });
  });

  it('is the command that leads to a host', async () => {
    const line = `ansible_ssh_extra_args: -o ProxyCommand="nc -x gate %h %p"\n`;
    await write({ hosts: 'w1\n', 'group_vars/all.yml': line });
    const { hosts } = await read(['hosts']);
    expect(hosts).toEqual({ w1: { groups: [], jump: [], proxyCommand: 'nc -x gate %h %p' } });
  });

  it('makes hosts unusable, and says why', async () => {
    const lines = {
      template: `ansible_host: "{{ lookup('env', 'X') }}"`,
      sealed: 'ansible_user: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3130\n',
      list: 'ansible_host: [1, 2]',
      port: 'ansible_port: 99999',
      proxy: `ansible_ssh_common_args: -o ProxyCommand="nc {{ gate }}"`,
    };
    const beside = Object.entries(lines).map(([name, line]) => [`host_vars/${name}.yml`, `${line}\n`]);
    await write({ hosts: Object.keys(lines).join('\n'), ...Object.fromEntries(beside) });
    const { hosts = {} } = await read(['hosts']);
    expect(Object.fromEntries(Object.entries(hosts).map(([name, { unusable }]) => [name, unusable]))).toEqual({
      template: expect.stringMatching(/uses a template \(\{\{ lookup/),
      sealed: 'ansible_user in its Ansible inventory is encrypted with Ansible Vault',
      list: 'ansible_host in its Ansible inventory is neither text nor a number',
      port: 'its Ansible inventory says port 99999',
      proxy: expect.stringMatching(/uses a template \(.*nc \{\{ gate/),
    });
  });

  it('asks in no colours and no other words, whatever the person has set', async () => {
    await write({ inventory: SCRIPT });
    const env = { ANSIBLE_FORCE_COLOR: '1', ANSIBLE_VERBOSITY: '4', ANSIBLE_DEBUG: '1', ANSIBLE_INVENTORY_EXPORT: '1' };
    expect(await read(['inventory'], env)).toMatchObject({ hosts: { w1: { address: '10.0.0.1' } } });
  });
});

describe('what Ansible cannot read', () => {
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'a program that fails',
      { inventory: '#!/bin/sh\necho "no credentials" >&2\nexit 3\n' },
      /^ansible-inventory cannot read \/inventory: .*script plugin.*no credentials\. See all that it says: ansible-inventory --list -i \/inventory$/,
    ],
    [
      'a plugin that is not there',
      { inventory: 'w1\n', 'inventory.yml': 'plugin: no.such.plugin\n' },
      /unknown plugin 'no\.such\.plugin'/,
    ],
    [
      'a vault without its password',
      { inventory: 'w1\n', 'group_vars/all.yml': '$ANSIBLE_VAULT;1.1;AES256\n3130\n' },
      /no vault secrets found\. No vault password is asked for here: name a file .*ANSIBLE_VAULT_PASSWORD_FILE/,
    ],
    ['a line that nobody understands', { inventory: '\n[web\n' }, /^\/inventory line 2 .*"\[web" is not a section/],
    ['one that is bad among good ones', { inventory: 'w1\n', 'inventory.yml': '- 1\n' }, /^\/inventory\.yml line 1/],
    [
      'an answer that is none',
      { inventory: 'w1\n', 'group_vars/all.yml': 'a: : b\n' },
      /^ansible-inventory cannot read/,
    ],
  ])('%s: is an error, and nothing is left out', async (_, files, message) => {
    await write(files);
    const named = ['inventory', 'inventory.yml'].filter((name) => name in files);
    const { hosts, message: said } = await read(named, { ANSIBLE_ASK_VAULT_PASS: '1' });
    expect(said).toMatch(message);
    expect(hosts).toBeUndefined();
  });

  it('is a vault that wants to ask: it finds nobody', async () => {
    await write({ inventory: 'w1\n', 'group_vars/all.yml': '$ANSIBLE_VAULT;1.1;AES256\n3130\n' });
    const { message } = await read(['inventory'], { ANSIBLE_VAULT_IDENTITY_LIST: 'x@prompt' });
    expect(message).toMatch(/No vault password is asked for here/);
  });
});

describe('a question that is called off', () => {
  it('ends with every process of it', async () => {
    await write({ inventory: `#!/bin/sh\necho $$ > ${dir}/started\nexec sleep 600\n` });
    const interrupt = new AbortController();
    const answer = read(['inventory'], {}, interrupt.signal);
    await expect.poll(() => readdir(dir)).toContain('started');
    interrupt.abort();
    expect((await answer).message).toMatch(/an interruption/);
    const script = Number(await readFile(join(dir, 'started'), 'utf8'));
    await expect.poll(() => isThere(script)).toBe(false);
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('where there is no ansible-inventory', () => {
  it('what our own readers understand is read, without the variables beside it', async () => {
    await write({ hosts: '[web]\nw1\n', 'group_vars/web.yml': 'ansible_user: webber\n' });
    expect(await read(['hosts'], WITHOUT)).toMatchObject({ hosts: { w1: { groups: ['web'] } } });
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['a directory', { 'inventory/hosts': 'w1\n' }, '/inventory is a directory.'],
    ['a program', { inventory: SCRIPT }, '/inventory is a program.'],
    [
      'a plugin',
      { 'inventory.yml': 'plugin: constructed\n' },
      '/inventory.yml line 1 cannot be read as an Ansible inventory: it configures an inventory plugin.',
    ],
    [
      'a merge key',
      { 'inventory.yml': 'all:\n  vars: &a { x: y }\n  hosts:\n    w1: { <<: *a }\n' },
      '/inventory.yml line 4 cannot be read as an Ansible inventory: w1 has a merge key (<<).',
    ],
  ])('%s names ansible-core', async (_, files, message) => {
    await write(files);
    const [name = ''] = Object.keys(files).map((path) => path.split('/')[0]);
    expect((await read([name], WITHOUT)).message).toBe(
      `${message} Install ansible-core: its ansible-inventory reads it.`,
    );
  });

  it('a file that does not exist is said to be gone, and nobody is asked', async () =>
    expect(await read(['gone'])).toEqual({
      asked: 0,
      message: 'inventory.ansible names /gone, which does not exist.',
    }));
});
