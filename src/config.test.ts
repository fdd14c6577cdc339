import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KNOWN_KINDS } from '#kinds/known-kinds.ts';
import { NO_POLICY } from '../test/bot/policy-rule.ts';
import { loadConfig, parseConfig } from './config.ts';

const KIND_NAMES = KNOWN_KINDS.map(({ name }) => name);
const FILE = '/etc/site/tcp-oncall.yaml';
const parse = (text: string) => parseConfig(text, FILE, '/home/ann');

function accepted(text: string) {
  const loaded = parse(text);
  if (loaded.kind === 'invalid') throw new Error(loaded.message);
  return loaded.config;
}

describe('parseConfig', () => {
  it('reads hosts, inventories and ssh, with paths relative to the file', () => {
    const config = accepted(`
hosts:
  web-01: { address: 10.0.0.11, port: 2222, user: oncall, identityFile: ~/.ssh/id_ed25519, groups: [web, prod], jump: bastion }
  db-01: { identityFile: [keys/a, /keys/b], jump: [outer, "ops@inner:2200"], transport: ssh2 }
  bare:
inventory: { sshConfig: ./ssh_config, ansible: [./inventory.ini, more.yml] }
ssh: { transport: openssh, knownHosts: ./known_hosts, readyTimeout: 500ms, agent: false }
overrides: ./site
language: ja
`);
    expect(config.hosts.get('web-01')).toEqual({
      address: '10.0.0.11',
      port: 2222,
      user: 'oncall',
      identityFiles: ['/home/ann/.ssh/id_ed25519'],
      groups: ['web', 'prod'],
      jump: ['bastion'],
    });
    expect(config.hosts.get('db-01')).toEqual({
      identityFiles: ['/etc/site/keys/a', '/keys/b'],
      jump: ['outer', 'ops@inner:2200'],
      transport: 'ssh2',
    });
    expect(config.hosts.get('bare')).toEqual({});
    expect(config.inventory).toEqual({
      sshConfig: '/etc/site/ssh_config',
      ansible: ['/etc/site/inventory.ini', '/etc/site/more.yml'],
    });
    expect(config.ssh).toEqual({
      transport: 'openssh',
      knownHosts: ['/etc/site/known_hosts'],
      readyTimeoutMs: 500,
      agent: false,
    });
    expect(config.overrides).toBe('/etc/site/site');
    expect(config.language).toBe('ja');
  });

  it('has a default for everything', () => {
    expect(accepted('# nothing yet\n')).toEqual({
      file: FILE,
      hosts: new Map(),
      inventory: { sshConfig: undefined, ansible: [] },
      ssh: {
        transport: 'auto',
        knownHosts: ['/home/ann/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
        readyTimeoutMs: 10_000,
        agent: true,
      },
      slack: { mode: 'socket', runbooks: undefined, channels: new Map() },
      serve: { listen: '127.0.0.1:3000', checks: 20, drainMs: 25_000 },
      reports: { keepMs: 30 * 86_400_000 },
      changes: {
        policy: NO_POLICY,
        keys: new Map(),
        logins: new Map(),
        kernel: { builder: undefined },
        audit: { file: undefined, channel: undefined, signers: [], signedSince: 1 },
      },
      stateDir: '/home/ann/.local/state/tcp-oncall',
      overrides: undefined,
      language: undefined,
    });
  });

  it('reads what the bot needs', () => {
    const config = accepted(`
slack: { mode: http, runbooks: "https://git.example/ops/tcp/blob/main/", channels: { C0ONCALL: { language: ja } } }
serve: { listen: "[::1]:8080", checks: 5, drain: 10s }
reports: { keep: 7d }
stateDir: ./state
`);
    expect(config.slack).toEqual({
      mode: 'http',
      runbooks: 'https://git.example/ops/tcp/blob/main',
      channels: new Map([['C0ONCALL', { language: 'ja' }]]),
    });
    expect(config.serve).toEqual({ listen: '[::1]:8080', checks: 5, drainMs: 10_000 });
    expect([config.reports.keepMs, config.stateDir]).toEqual([604_800_000, '/etc/site/state']);
  });

  it('reads who may change what, and takes the careful choice where nothing is said', () => {
    const loaded = parse(
      'changes:\n  rules:\n    - { groups: [prod], ask: members, approve: { userGroups: [S0SRE] } }\n  kernel: { builder: build-01 }\n  audit: { file: ./audit.jsonl }\n',
    );
    if (loaded.kind !== 'config') throw new Error(loaded.message);
    const { policy, kernel, audit } = loaded.config.changes;
    expect(kernel).toEqual({ builder: 'build-01' });
    expect(policy).toEqual({
      rules: [
        {
          groups: ['prod'],
          kinds: null,
          risks: ['low', 'medium', 'high'],
          ask: null,
          approve: { users: [], userGroups: ['S0SRE'] },
          approvals: 1,
          expiresMinutes: 30,
          ownBuilder: false,
          reasonRequired: true,
          revertMinutes: 10,
          longestRevertMinutes: 30,
          outsideSlack: false,
          gates: {},
        },
      ],
      breakGlass: null,
      admins: null,
      freezes: [],
    });
    expect(audit.file).toMatch(/^\/.*audit\.jsonl$/);
  });

  it('reads which kinds a rule is for, and what its gates ask for', () => {
    const loaded = parse(
      'changes:\n  rules:\n    - { groups: [prod], kinds: [sysctl], ask: members, approve: { users: [U0BOB] }, gates: { keep: { approve: { users: [U0CAROL, U0DAVE] }, approvals: 2, outsideSlack: true }, apply: { expires: 2h } } }\n',
    );
    if (loaded.kind !== 'config') throw new Error(loaded.message);
    const [rule] = loaded.config.changes.policy.rules;
    expect(rule?.kinds).toEqual(['sysctl']);
    expect(rule?.gates).toEqual({
      keep: {
        approve: { users: ['U0CAROL', 'U0DAVE'], userGroups: [] },
        approvals: 2,
        outsideSlack: true,
        expiresMinutes: null,
      },
      apply: { approve: null, approvals: null, outsideSlack: null, expiresMinutes: 120 },
    });
  });

  it.each([
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: members, approve: { users: [U0BOB] }, gates: { keep: { expires: 2h } } }\n',
      'line 3: changes.rules.0.gates.keep.expires has no effect: the gate keep is open as long as the trial (revert).',
    ],
    [
      'hosts:\n  web-01:\n    adress: 10.0.0.1\n',
      'line 3: hosts.web-01.adress is not a known key; did you mean address?',
    ],
    [
      'slack:\n  channels:\n    general: { language: ja }\n',
      "line 3: slack.channels.general is not a channel id: Slack shows it at the bottom of the channel's details, and it begins with C.",
    ],
    [
      'slack:\n  channels:\n    C0ONCALL: { lang: ja }\n',
      'line 3: slack.channels.C0ONCALL.lang is not a known key; did you mean language?',
    ],
    ['serve: { checks: 0 }\n', 'line 1: serve.checks must be a whole number from 1 to 200.'],
    ['serve: { listen: "3000" }\n', 'line 1: serve.listen must be an address and a port such as 127.0.0.1:3000.'],
    [
      'ssh:\n  zzz: 1\n',
      'line 2: ssh.zzz is not a known key; known keys here are transport, knownHosts, readyTimeout, agent.',
    ],
    ['\nhost: {}\n', 'line 2: host is not a known key; did you mean hosts?'],
    ['hosts:\n  web-01: { port: 70000 }\n', 'line 2: hosts.web-01.port must be a port number from 1 to 65535.'],
    ['hosts:\n  web-01:\n    groups: web\n', 'line 3: hosts.web-01.groups must be a list of names.'],
    [
      'hosts:\n  web 01: {}\n',
      'line 2: hosts.web 01 is not a host name: use letters, digits, dots, dashes and underscores.',
    ],
    ['hosts:\n  a: {}\n  b: 10.0.0.1\n', 'line 3: hosts.b must be a mapping.'],
    ['hosts:\n  a:\n    identityFile: 3\n', 'line 3: hosts.a.identityFile must be text or a list of texts.'],
    ['ssh:\n  agent: yes please\n', 'line 2: ssh.agent must be true or false.'],
    ['ssh:\n\n  readyTimeout: 10\n', 'line 3: ssh.readyTimeout must be a length of time such as 10s, 500ms or 2m.'],
    [
      'ssh:\n  readyTimeout: 10 parsecs\n',
      'line 2: ssh.readyTimeout must be a length of time such as 10s, 500ms or 2m.',
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: everybody, approve: { users: [U0BOB] } }\n',
      'line 3: changes.rules.0.ask must be members, or users and userGroups.',
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: members, approve: { users: [bob] } }\n',
      'line 3: changes.rules.0.approve.users.0 is not a Slack user id: Slack shows it in the menu of a profile, and it begins with U.',
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: members, approve: { userGroups: [S0SRE] }, outsideSlack: true }\n',
      'line 3: changes.rules.0.approve must name users for all approvals of the gate apply (1): with outsideSlack Slack is not asked, so user groups do not count.',
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: members, approve: { users: [U0BOB] }, revert: 2h }\n',
      'line 3: changes.rules.0.revert must be at most 30m.',
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], kinds: [sysctls], ask: members, approve: { users: [U0BOB] } }\n',
      `line 3: changes.rules.0.kinds.0 is not a kind of change: it must be ${KIND_NAMES.join(' or ')}.`,
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], kinds: [], ask: members, approve: { users: [U0BOB] } }\n',
      `line 3: changes.rules.0.kinds must name a kind of change: ${KIND_NAMES.join(', ')}.`,
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: members, approve: { users: [U0BOB] }, gates: { keeps: {} } }\n',
      'line 3: changes.rules.0.gates.keeps is not a known key; did you mean keep?',
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: members, approve: { users: [U0BOB] }, gates: { keep: { approval: 2 } } }\n',
      'line 3: changes.rules.0.gates.keep.approval is not a known key; did you mean approvals?',
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: members, approve: { users: [U0BOB] }, gates: { keep: { approve: { usrs: [U0BOB] } } } }\n',
      'line 3: changes.rules.0.gates.keep.approve.usrs is not a known key; did you mean users?',
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: { usrs: [U0BOB] }, approve: { users: [U0BOB] } }\n',
      'line 3: changes.rules.0.ask.usrs is not a known key; did you mean users?',
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: members, approve: { users: [U0BOB] }, gates: { keep: { approvals: 0 } } }\n',
      'line 3: changes.rules.0.gates.keep.approvals must be a whole number from 1 to 8.',
    ],
    [
      'changes:\n  rules:\n    - { groups: ["*"], ask: members, approve: { users: [U0BOB] }, outsideSlack: true, gates: { keep: { approve: { users: [U0CAROL] }, approvals: 2 } } }\n',
      'line 3: changes.rules.0.gates.keep.approve must name users for all approvals of the gate keep (2): with outsideSlack Slack is not asked, so user groups do not count.',
    ],
    ['changes: { audit: { files: a } }\n', 'line 1: changes.audit.files is not a known key; did you mean file?'],
    ['ssh: { transport: paramiko }\n', 'line 1: ssh.transport must be auto, ssh2 or openssh.'],
    ['language: fr\n', 'line 1: language must be en or ja.'],
    ['- a\n- b\n', 'line 1: the file must be a mapping.'],
  ])('%j: %s', (text, problem) => expect(parse(text)).toEqual({ kind: 'invalid', message: `${FILE} ${problem}` }));

  it.each([
    [
      `changes:\n  keys: { U0BOB: ${'A'.repeat(59)}=, U0EVE: ${'A'.repeat(59)}= }\n`,
      'line 2: changes.keys must have another key for each person.',
    ],
    [
      'changes:\n  logins: { bob: bob }\n',
      'line 2: changes.logins.bob is not a Slack user id: Slack shows it in the menu of a profile, and it begins with U.',
    ],
    ['changes:\n  logins: { "bob smith": U0BOB }\n', 'line 2: changes.logins.bob smith is not the name of a login.'],
    ['hosts:\n  a: {}\n  a: {}\n', 'line 3: this is not YAML (Map keys must be unique).'],
    ['hosts: {\n', /line 2: this is not YAML \(.+\)\.$/],
  ])('names the line of YAML that is none: %j', (text, problem) => {
    const loaded = parse(text);
    expect(loaded.kind === 'invalid' && loaded.message).toMatch(problem);
  });

  it('never throws, whatever the file holds', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .array(fc.constantFrom('hosts:', '  a:', ' ', '\n', '- ', '&x', '*x', '{', ': 1'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (content) => {
        const loaded = parse(content);
        if (loaded.kind === 'invalid') expect(loaded.message).toMatch(/^\/etc\/site\/tcp-oncall\.yaml .+[.?]$/s);
      }),
    );
  });
});

describe('loadConfig', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'config-'));
    await mkdir(join(dir, 'home/.config/tcp-oncall'), { recursive: true });
    await mkdir(join(dir, 'work'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const load = (path?: string) => loadConfig({ path, cwd: join(dir, 'work'), home: join(dir, 'home') });
  const user = (loaded: Awaited<ReturnType<typeof load>>) =>
    loaded.kind === 'config' ? loaded.config.hosts.get('a')?.user : loaded.message;
  const write = (path: string, name: string) => writeFile(join(dir, path), `hosts: { a: { user: ${name} } }\n`);

  it('needs no file', async () => {
    const loaded = await load();
    expect(loaded.kind === 'config' && loaded.config.file).toBeUndefined();
  });

  it('prefers --config to the working directory to the home directory', async () => {
    await write('home/.config/tcp-oncall/tcp-oncall.yaml', 'home');
    expect(user(await load())).toBe('home');
    await write('work/tcp-oncall.yaml', 'work');
    expect(user(await load())).toBe('work');
    await write('other.yaml', 'other');
    expect(user(await load('../other.yaml'))).toBe('other');
  });

  it('does not go on without a file that was asked for', async () => {
    expect(await load('gone.yaml')).toEqual({
      kind: 'invalid',
      message: `${dir}/work/gone.yaml does not exist: give --config the path of a tcp-oncall.yaml.`,
    });
  });

  it('says that a file cannot be read', async () => {
    expect(await load('.')).toEqual({ kind: 'invalid', message: `${dir}/work cannot be read (EISDIR).` });
  });
});
