import { describe, expect, it } from 'vitest';
import { removalScript, setupScript } from './host-setup.ts';

const KEY = `ssh-ed25519 ${'A'.repeat(68)} oncall@bastion`;

describe('host-setup', () => {
  it('installs the helper, one rule of sudo for it, and the key', () => {
    const script = setupScript({ account: 'oncall', publicKey: KEY });
    expect(script).toContain('oncall ALL=(root) NOPASSWD: /usr/local/sbin/tcp-oncall-helper');
    expect(script).toContain(`'${KEY}'`);
    expect(script).not.toContain('@ALLOWED@');
  });

  it('takes it away again, and not while a change is on trial', () => {
    expect(removalScript('oncall')).toContain('a change is on trial');
  });

  it.each(["x'; id", 'Root', '', '-rf', 'a b', 'x'.repeat(40)])('an account called %j is refused', (account) => {
    expect(() => setupScript({ account, publicKey: null })).toThrow(RangeError);
    expect(() => removalScript(account)).toThrow(RangeError);
  });

  it.each(["ssh-ed25519 AAAA'; id #", 'command="id" ssh-ed25519 AAAA', 'AAAA', `${KEY}\n${KEY}`])(
    'the key %j is refused',
    (publicKey) => expect(() => setupScript({ account: 'oncall', publicKey })).toThrow(RangeError),
  );
});
