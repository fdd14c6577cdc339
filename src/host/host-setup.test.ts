import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { kernelHelper } from '#kinds/kernel/helper.ts';
import { changeHelper, HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { fingerprint } from '#ssh/host-key.ts';
import { removalScript, setupScript, setupScriptForAnyHost } from './host-setup.ts';

const KERNEL = { helper: kernelHelper(), unsigned: false };
const KEY = `ssh-ed25519 ${'A'.repeat(68)} oncall@bastion`;
const ACCOUNTS = ["x'; id", 'Root', '', '-rf', 'a b', 'x'.repeat(40), 'a.b', 'a\nb'];
const KEYS = ["ssh-ed25519 AAAA'; id #", 'command="id" ssh-ed25519 AAAA', 'AAAA', `${KEY}\n${KEY}`, 'ssh-rsa A B C'];

describe('host-setup', () => {
  it('calls with the account and the key what it has defined before, in its last line', () => {
    expect(setupScript({ helper: changeHelper(), account: 'oncall', publicKey: KEY, approvers: null })).toMatch(
      new RegExp(`\\n}\\nhost_setup oncall '${KEY.replaceAll('+', '\\+')}' </dev/null\\n$`),
    );
    expect(removalScript('oncall')).toMatch(/\n}\nhost_removal oncall <\/dev\/null\n$/);
  });

  it.each([
    setupScript({ helper: changeHelper(), account: 'oncall', publicKey: KEY, approvers: null }),
    setupScript({ helper: changeHelper(), account: 'oncall', publicKey: KEY, approvers: null, kernel: KERNEL }),
    removalScript('oncall'),
  ])('is a whole script: %#', (script) => {
    expect(script).not.toMatch(/@[A-Z]+@/);
    expect(script).toContain(HELPER_PATH);
    expect(spawnSync('sh', ['-n'], { input: script })).toMatchObject({ status: 0 });
  });

  it.each(ACCOUNTS)('an account called %j is refused', (account) => {
    expect(() => setupScript({ helper: changeHelper(), account, publicKey: null, approvers: null })).toThrow(
      RangeError,
    );
    expect(() => removalScript(account)).toThrow(RangeError);
  });

  it.each(KEYS)('the key %j is refused', (publicKey) =>
    expect(() => setupScript({ helper: changeHelper(), account: 'oncall', publicKey, approvers: null })).toThrow(
      RangeError,
    ),
  );
});

const APPROVER_KEY = `MCowBQYDK2VwAyEA${'A'.repeat(43)}=`;
const approvers = (user: string, key: string) => ({ keys: new Map([[user, key]]), approvals: 2, breakGlass: true });
/** What is no approver, by id and key. */
const STRANGERS = [
  ['u0bob', APPROVER_KEY],
  ['U0BOB;id', APPROVER_KEY],
  ['U0BOB', 'AAAA'],
  ['U0BOB', `${APPROVER_KEY} U0EVE`],
  ['U0BOB', `$(id)${APPROVER_KEY.slice(5)}`],
] as const;

describe('approvers', () => {
  it('are options before the account', () => {
    const some = approvers('U0BOB', APPROVER_KEY);
    const options = `--approvals=2 --break-glass --approver=U0BOB:${APPROVER_KEY}`;
    const script = setupScript({ helper: changeHelper(), account: 'oncall', publicKey: null, approvers: some });
    expect(script.endsWith(`\nhost_setup ${options} oncall </dev/null\n`)).toBe(true);
    expect(setupScriptForAnyHost(changeHelper(), some).endsWith(`\nhost_setup ${options} "$@" </dev/null\n`)).toBe(
      true,
    );
  });

  it.each(STRANGERS)('%j with the key %j is none', (user, key) => {
    expect(() => setupScriptForAnyHost(changeHelper(), approvers(user, key))).toThrow(RangeError);
  });
});

describe('the script for any host', () => {
  /** Without the parts that act: what it refuses, it refuses before those. */
  const judge = setupScriptForAnyHost(changeHelper(), null).replace(
    /host_setup "\$@" <\/dev\/null\n$/,
    'id() { echo 0; }\nbegin "$@"\ncheck_key\n',
  );
  const judged = (...words: readonly string[]) => spawnSync('sh', ['-s', '--', ...words], { input: judge }).status;

  it('refuses the same accounts and keys', () => {
    for (const account of ACCOUNTS) expect(judged(account, KEY), account).toBe(1);
    for (const key of KEYS) expect(judged('oncall', key), key).toBe(1);
  });

  it('refuses the same approvers, and what is no option', () => {
    for (const [user, key] of STRANGERS) expect(judged(`--approver=${user}:${key}`, 'oncall'), key).toBe(1);
    for (const option of ['--approvals=0', '--approvals=10', '--approver', '--help', '--'])
      expect(judged(option, 'oncall'), option).toBe(1);
    expect(judged('--approvals=2', `--approver=U0BOB:${APPROVER_KEY}`, '--break-glass', '--look', 'oncall')).toBe(0);
  });

  it('finds the host keys that are named, else those of sshd, not those in the usual place', () => {
    const directory = mkdtempSync(join(tmpdir(), 'host-keys-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const [named, served] = [join(directory, 'named.pub'), join(directory, 'served.pub')];
    writeFileSync(named, 'ssh-ed25519 AAAA root@named\n');
    writeFileSync(served, 'ssh-ed25519 BBBB root@served\n');
    const script = judge.replace(/check_key\n$/, `sshd() { echo 'hostkey ${directory}/served'; }\nown_fingerprints\n`);
    const found = (...words: readonly string[]) =>
      spawnSync('sh', ['-s', '--', ...words, 'oncall'], { input: script, encoding: 'utf8' }).stdout;
    expect(found(`--host-key=${named}`)).toBe(`hostkey ${fingerprint(Buffer.from('AAAA', 'base64'))}\n`);
    expect(found()).toBe(`hostkey ${fingerprint(Buffer.from('BBBB', 'base64'))}\n`);
  });

  it.each([KEY, '', 'ssh-rsa AA==', 'ecdsa-sha2-nistp256 AAAA a_b@c.d:e+f-g'])('takes the key %j', (key) => {
    expect(judged('oncall', key)).toBe(0);
  });
});

describe('kernels', () => {
  it('are taken where it is asked for, with or without signatures', () => {
    const script = (kernel: boolean | null) =>
      setupScriptForAnyHost(changeHelper(), null, kernel === null ? null : { ...KERNEL, unsigned: kernel });
    expect(script(false)).toMatch(/\nhost_setup --kernel "\$@" <\/dev\/null\n$/);
    expect(script(true)).toMatch(/\nhost_setup --kernel=unsigned "\$@" <\/dev\/null\n$/);
    expect(script(false)).toContain(kernelHelper());
    expect(script(null)).not.toContain('END_OF_TCP_ONCALL_KERNEL');
  });
});
