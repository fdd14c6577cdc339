/** The Ansible role does what the scripts of host-setup do: the same files, modes, rule, programs and refusals. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { changeHelper, HELPER_PATH } from '#host/change-helper.ts';
import { ACCOUNT, removalScript, setupScript } from '#host/host-setup.ts';
import { runCli } from '../../src/cli/program.ts';
import type { World } from '../../src/cli/world.ts';

type Arguments = Readonly<Record<string, unknown>>;
type Task = Readonly<Record<string, Arguments | string | undefined>> & { readonly loop?: readonly string[] };

const ROLE = new URL('../../ansible/roles/tcp_oncall_host/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROLE), 'utf8');

const KEY = `ssh-ed25519 ${'A'.repeat(68)} oncall@bastion`;
const defaults = parse(read('defaults/main.yml')) as Readonly<Record<string, unknown>>;
const tasks = parse(read('tasks/main.yml')) as readonly Task[];
const removal = parse(read('tasks/remove.yml')) as readonly Task[];
/** Without the helper, which has a chmod of its own. */
const script = setupScript({ account: 'oncall', publicKey: KEY }).replace(changeHelper(), '');
const undoing = removalScript('oncall');

/** The arguments of every task that uses the module. */
function using(module: string, list = tasks): readonly Arguments[] {
  return list.flatMap((task) => {
    const given = task[`ansible.builtin.${module}`];
    return typeof given === 'object' ? [given] : [];
  });
}

/** What the script says at that place. */
function inScript(pattern: RegExp, text = script): string {
  const [, found] = pattern.exec(text) ?? [];
  if (found === undefined) throw new Error(`host-setup.ts no longer writes ${pattern}`);
  return found;
}

const forAccount = (text: unknown) => String(text).replace('{{ tcp_oncall_host_account }}', 'oncall');
const root = { owner: 'root', group: 'root' };

describe('tasks/main.yml', () => {
  it('installs the helper where the script does, root’s and for all to run', () => {
    const [helper] = using('copy');
    expect(helper).toMatchObject({ ...root, dest: HELPER_PATH, mode: `0${inScript(/chmod (\d+) "\$new"/)}` });
    expect(helper?.['content']).toBe('{{ tcp_oncall_host_helper.stdout }}');
    expect(inScript(/mv -f "\$new" (\S+)/)).toBe(HELPER_PATH);
  });

  it('writes the same rule of sudo, once visudo has taken it', () => {
    const [, rule] = using('copy');
    expect(rule).toMatchObject({
      ...root,
      dest: inScript(/mv -f "\$rules" (\S+)/),
      mode: `0${inScript(/chmod (\d+) "\$rules"/)}`,
      validate: `/usr/sbin/${inScript(/^(visudo .*) "\$rules" \|\|/m)} %s`,
    });
    expect(forAccount(rule?.['content'])).toBe(`${inScript(/echo '(.*)' >"\$rules"/)}\n`);
  });

  it('makes the directory of the journal, root’s alone', () => {
    expect(using('file')).toContainEqual({
      ...root,
      path: inScript(/mkdir -m \d+ (\S+)/),
      state: 'directory',
      mode: `0${inScript(/mkdir -m (\d+)/)}`,
    });
  });

  it('makes the account as the script does, and lets the key log in', () => {
    const [account] = using('user');
    expect({ ...account, name: forAccount(account?.['name']) }).toEqual({
      name: inScript(/useradd --system --create-home --shell \S+ (\S+)/),
      system: true,
      create_home: true,
      shell: inScript(/useradd --system --create-home --shell (\S+)/),
    });
    const [keys] = using('lineinfile');
    expect([keys?.['mode'], forAccount(keys?.['path'])]).toEqual([
      `0${inScript(/chmod (\d+) "\$home\/\.ssh\/authorized_keys"/)}`,
      '~oncall/.ssh/authorized_keys',
    ]);
    expect(using('file')[0]).toMatchObject({ mode: `0${inScript(/chmod (\d+) "\$home\/\.ssh"$/m)}` });
  });

  it('looks for the same programs', () => {
    expect(using('shell').map(({ cmd }) => inScript(/for command in (.*); do/, String(cmd)))).toEqual([
      inScript(/for command in (.*); do/),
    ]);
  });

  it('refuses the same accounts and keys', () => {
    const that = JSON.stringify(using('assert')[0]?.['that']);
    const [account = '', key = ''] = [...that.matchAll(/regex\('(.*?)'\)/g)].map(([, pattern = '']) =>
      String(JSON.parse(`"${pattern}"`)).replace(/\\Z$/, '$'),
    );
    expect(account).toBe(ACCOUNT.source);
    for (const publicKey of [
      KEY,
      KEY.replace(' oncall', ' a b'),
      'ssh-rsa AA==',
      'AAAA',
      `command="id" ${KEY}`,
      `${KEY}\n${KEY}`,
    ]) {
      const takes = () => setupScript({ account: 'oncall', publicKey });
      if (new RegExp(key).test(publicKey)) expect(takes).not.toThrow();
      else expect(takes, publicKey).toThrow(RangeError);
    }
  });
});

describe('tasks/remove.yml', () => {
  it('removes what the script removes, and looks for a change on trial as it does', () => {
    const files = [inScript(/^rm -f (.*)$/m, undoing), inScript(/^rm -rf (.*)$/m, undoing)].join(' ').split(' ');
    expect(removal.flatMap(({ loop = [] }) => loop)).toEqual(files);
    expect(using('shell', removal).map(({ cmd }) => cmd)).toEqual([inScript(/^if (grep .*); then$/m, undoing)]);
    expect(using('assert', removal)[0]?.['fail_msg']).toBe(
      inScript(/echo 'host-setup: (a change.*)' >&2/, undoing).replace('a', 'A'),
    );
  });
});

describe('the helper', () => {
  it('is what the command of the defaults prints', async () => {
    const [program, ...words] = defaults['tcp_oncall_host_helper_command'] as readonly string[];
    let said = '';
    const world = {
      stdout: { write: (text: string) => (said += text) },
      stderr: process.stderr,
      env: {},
      version: '0',
    };
    expect(await runCli(words, world as unknown as World)).toBe(0);
    expect(said).toBe(changeHelper());
    const { bin } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { bin: object };
    expect(Object.keys(bin)).toEqual([program]);
    expect(said).toMatch(/\nPROTOCOL=/);
  }, 30_000);

  it('has no copy in the role', () => {
    for (const folder of ['files', 'templates']) expect(existsSync(new URL(folder, ROLE))).toBe(false);
  });
});

it('tells of every variable in its README', () => {
  const readme = read('README.md');
  expect(Object.keys(defaults).filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});
