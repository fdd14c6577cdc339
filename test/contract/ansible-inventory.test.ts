/** What our own readers make of plain inventories, and what the real ansible-inventory makes of them, is the same. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ansibleHosts } from '#inventory/ansible-groups.ts';
import { askAnsible } from '#inventory/ask-ansible.ts';
import { readAnsible } from '#inventory/read-ansible.ts';

const HOME = '/home/ann';

let top: string;
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'ansible-inventory-'));
});
afterAll(() => rm(top, { recursive: true }));

let made = 0;

/** Absolute paths of files with these contents, in a directory of their own. */
async function write(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const directory = join(top, String(made++));
  await mkdir(directory);
  const paths = Object.keys(files).map((name) => join(directory, name));
  await Promise.all(Object.values(files).map((text, index) => writeFile(paths[index] ?? '', text)));
  return paths;
}

async function both(files: readonly string[]) {
  const { signal } = new AbortController();
  const question = { files, directory: top, signal, env: { ...process.env, HOME: top } };
  const [own, ansible] = await Promise.all([
    readAnsible({ ...question, env: { PATH: '/nonexistent' }, home: HOME }),
    askAnsible(question),
  ]);
  if (typeof own === 'string') throw new Error(own);
  if (ansible.kind !== 'groups') throw new Error(JSON.stringify(ansible));
  return { own: ansibleHosts(own, HOME), ansible: ansibleHosts(ansible, HOME) };
}

const SAMPLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ini: {
    hosts: `
# a comment
jump.example.com ansible_user=root

[web]
web[01:03].example.com ansible_port=2222   # the front
web-x ansible_host=10.0.0.9 ansible_user="on call" ansible_ssh_private_key_file='~/.ssh/web key'
n[1:9:4]

[db]
db-[a:c]:2200
; another comment

[prod:children]
web
db

[prod:vars]
ansible_user=oncall
ansible_port = 22
ansible_ssh_common_args='-o ProxyCommand="ssh -W %h:%p -q ops@jump.example.com"'

[web:vars]
ansible_user = "webber" # who
[db:vars]
ansible_port=2022 # of all
`,
  },
  yaml: {
    'hosts.yml': `
all:
  vars: { ansible_user: oncall, ansible_become: yes }
  hosts:
    mail.example.com:
  children:
    web:
      hosts:
        web[01:02]:
          ansible_port: 02222
          tags: [a, b]
        web03: { ansible_user: }
      vars:
        ansible_user: webber
        ansible_ssh_extra_args: -J ops@mail.example.com
    prod:
      children:
        web:
        db: { hosts: { db-01: { ansible_host: 10.0.0.7, ansible_user: "{{ who }}" } } }
    sealed:
      hosts:
        s1:
          ansible_host: !vault |
            $ANSIBLE_VAULT;1.1;AES256
            31303834353131306466353534663863316438643836363230333135616330633539623562363739
        s2: { ansible_host: [1] }
`,
  },
  // What the first says outweighs the second where they say the same; a host's own outweighs a group's of any file.
  several: {
    'first.ini': '[web]\nw1 ansible_host=10.1.1.1\nw2\n[web:vars]\nansible_user=first\nansible_port=1\n',
    'second.ini':
      '[web]\nw1 ansible_host=10.2.2.2 ansible_user=own\nw3\n[web:vars]\nansible_port=2\n[top:children]\nweb\n',
    'third.yml': 'top: { vars: { ansible_user: outer, ansible_ssh_private_key_file: /k }, hosts: { w9: } }\n',
  },
  'a host in two groups': {
    hosts: '[b]\nh ansible_user=b\n[a]\nh ansible_user=a\n[b:vars]\nansible_port=1\n[a:vars]\nansible_port=2\n',
  },
  'a host that is ungrouped only at first': {
    hosts: 'h\nalone\n[web]\nh\n[ungrouped:vars]\nansible_user=u\n[all:vars]\nansible_port=3\n',
  },
};

const VARIABLES = [
  'ansible_host',
  'ansible_port',
  'ansible_user',
  'ansible_ssh_host',
  'ansible_ssh_common_args',
  'other',
];
const VALUES = ['10.0.0.1', '22', 'a b', 'x-y', '-J b', '-o ProxyCommand=nc', '{{ x }}', 'host#1', "it's"];
const variables = fc.dictionary(fc.constantFrom(...VARIABLES), fc.constantFrom(...VALUES), { maxKeys: 3 });
/** Groups by number; they hold those after them, so none holds itself. */
const inventory = fc.record({
  yaml: fc.boolean(),
  groups: fc.array(
    fc.record({
      hosts: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), variables), { maxLength: 3 }),
      variables,
      children: fc.subarray([1, 2, 3]),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});
type Drawn = typeof inventory extends fc.Arbitrary<infer Value> ? Value : never;

/** A file's name and text, with groups and hosts of its own names. */
function fileOf({ yaml, groups }: Drawn, prefix: string): readonly [string, string] {
  const nameOf = (index: number) => `${prefix}g${index}`;
  const named = groups.map(({ hosts, variables: own, children }, index) => ({
    name: nameOf(index),
    hosts: hosts.map(([host, said]) => [`${prefix}h${host}`, said] as const),
    own,
    children: children.filter((more) => index + more < groups.length).map((more) => nameOf(index + more)),
  }));
  return yaml
    ? [`${prefix}.yml`, named.map((group) => yamlOf(group)).join('')]
    : [`${prefix}.ini`, named.map((group) => iniOf(group)).join('')];
}

interface Named {
  readonly name: string;
  readonly hosts: readonly (readonly [string, Readonly<Record<string, string>>])[];
  readonly own: Readonly<Record<string, string>>;
  readonly children: readonly string[];
}

function iniOf({ name, hosts, own, children }: Named): string {
  const settings = (said: Readonly<Record<string, string>>) =>
    Object.entries(said).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const lines = hosts.map(([host, said]) => [host, ...settings(said)].join(' '));
  return [`[${name}]`, ...lines, `[${name}:vars]`, ...settings(own), `[${name}:children]`, ...children, ''].join('\n');
}

function yamlOf({ name, hosts, own, children }: Named): string {
  const inner = Object.fromEntries(children.map((child) => [child, null]));
  return `${name}: ${JSON.stringify({ hosts: Object.fromEntries(hosts), vars: own, children: inner })}\n`;
}

describe('a plain inventory', () => {
  it.concurrent.each(Object.entries(SAMPLES))('%s: the same by both', async (_, files) => {
    const { own, ansible } = await both(await write(files));
    expect(own.size).toBeGreaterThan(0);
    expect(own).toEqual(ansible);
  });

  it('of any groups, hosts and variables: the same by both', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(inventory, { minLength: 12, maxLength: 12 }), async (drawn) => {
        const { own, ansible } = await both(
          await write(Object.fromEntries(drawn.map((each, index) => fileOf(each, `x${index}`)))),
        );
        expect(own).toEqual(ansible);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });
});
