import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { changeHelper, HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { removalScript, setupScript, setupScriptForAnyHost } from './host-setup.ts';

const KEY = `ssh-ed25519 ${'A'.repeat(68)} oncall@bastion`;
const ACCOUNTS = ["x'; id", 'Root', '', '-rf', 'a b', 'x'.repeat(40), 'a.b', 'a\nb'];
const KEYS = ["ssh-ed25519 AAAA'; id #", 'command="id" ssh-ed25519 AAAA', 'AAAA', `${KEY}\n${KEY}`, 'ssh-rsa A B C'];

describe('host-setup', () => {
  it('calls with the account and the key what it has defined before, in its last line', () => {
    expect(setupScript({ helper: changeHelper(), account: 'oncall', publicKey: KEY })).toMatch(
      new RegExp(`\\n}\\nhost_setup oncall '${KEY.replaceAll('+', '\\+')}' </dev/null\\n$`),
    );
    expect(removalScript('oncall')).toMatch(/\n}\nhost_removal oncall <\/dev\/null\n$/);
  });

  it.each([setupScript({ helper: changeHelper(), account: 'oncall', publicKey: KEY }), removalScript('oncall')])(
    'is a whole script: %#',
    (script) => {
      expect(script).not.toMatch(/@[A-Z]+@/);
      expect(script).toContain(HELPER_PATH);
      expect(spawnSync('sh', ['-n'], { input: script })).toMatchObject({ status: 0 });
    },
  );

  it.each(ACCOUNTS)('an account called %j is refused', (account) => {
    expect(() => setupScript({ helper: changeHelper(), account, publicKey: null })).toThrow(RangeError);
    expect(() => removalScript(account)).toThrow(RangeError);
  });

  it.each(KEYS)('the key %j is refused', (publicKey) =>
    expect(() => setupScript({ helper: changeHelper(), account: 'oncall', publicKey })).toThrow(RangeError),
  );
});

describe('the script for any host', () => {
  /** Without the parts that act: what it refuses, it refuses before those. */
  const judge = setupScriptForAnyHost(changeHelper()).replace(
    /host_setup "\$@" <\/dev\/null\n$/,
    'id() { echo 0; }\nbegin "$@"\ncheck_key\n',
  );
  const judged = (...words: readonly string[]) => spawnSync('sh', ['-s', '--', ...words], { input: judge }).status;

  it('refuses the same accounts and keys', () => {
    for (const account of ACCOUNTS) expect(judged(account, KEY), account).toBe(1);
    for (const key of KEYS) expect(judged('oncall', key), key).toBe(1);
  });

  it.each([KEY, '', 'ssh-rsa AA==', 'ecdsa-sha2-nistp256 AAAA a_b@c.d:e+f-g'])('takes the key %j', (key) => {
    expect(judged('oncall', key)).toBe(0);
  });
});
