/** Logging in to a real sshd: key files, encrypted keys, an agent, and the ways it is denied. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '#lab/command.ts';
import { type LocalSshd, makeKey, startSshd } from '#lab/local-sshd.ts';
import { hostsBy, knownHosts, script, TRANSPORTS, withPool } from '#lab/ssh-client.ts';
import type { PoolOptions } from '#ssh/pool.ts';

describe.each(TRANSPORTS)('over %s', (transport) => {
  const hostOf = hostsBy(transport);

  const PASSPHRASE = 'correct horse';
  let sshd: LocalSshd;
  let known: string;
  let agent: ChildProcess;
  let agentSocket: string;
  const file = (name: string) => join(sshd.dir, name);

  beforeAll(async () => {
    sshd = await startSshd();
    known = await knownHosts(sshd);
    await Promise.all([
      makeKey(file('locked'), { passphrase: PASSPHRASE }),
      makeKey(file('rsa'), { type: 'rsa' }),
      makeKey(file('ecdsa'), { type: 'ecdsa' }),
      ...Array.from({ length: 7 }, (_, index) => makeKey(file(`stranger-${index}`))),
    ]);
    for (const name of ['locked', 'rsa', 'ecdsa']) await sshd.authorize(file(name));
    agentSocket = file('agent');
    agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
    while (!existsSync(agentSocket)) await sleep(10);
  });
  afterAll(async () => {
    agent?.kill();
    await sshd?.stop();
  });

  const viaAgent = (...args: readonly string[]) =>
    must(['env', `SSH_AUTH_SOCK=${agentSocket}`, 'ssh-add', '-q', ...args]);

  function logInWith(names: readonly string[], options: Partial<PoolOptions> = {}) {
    const host = hostOf(sshd, { identityFiles: names.map(file) });
    return withPool({ knownHosts: [known], ...options }, (pool) => pool.run(host, script('echo in')));
  }

  describe('a login', () => {
    it.each(['id_ed25519', 'rsa', 'ecdsa'])('works with a key of each type: %s', async (name) => {
      expect(await logInWith([name])).toMatchObject({ kind: 'exited', stdout: 'in\n' });
    });

    it('tries the next file when one is not accepted, is missing or is no key', async () => {
      await writeFile(file('no-key'), 'hello');
      expect(await logInWith(['gone', 'no-key', 'stranger-0', 'id_ed25519'])).toMatchObject({ kind: 'exited' });
    });

    it('opens an encrypted key with the passphrase it was given; ssh is given none', async () => {
      expect(await logInWith(['locked'], { passphrase: PASSPHRASE })).toMatchObject(
        transport === 'ssh2' ? { kind: 'exited' } : { kind: 'authentication-failed' },
      );
    });

    it('asks for a passphrase once for all connections; ssh asks nobody', async () => {
      const asked: string[] = [];
      const askPassphrase = async (path: string) => {
        asked.push(path);
        return PASSPHRASE;
      };
      await withPool({ knownHosts: [known], passphrase: 'an old one', askPassphrase }, async (pool) => {
        const hosts = ['a', 'b'].map((name) => hostOf(sshd, { name, identityFiles: [file('locked')] }));
        const results = await Promise.all(hosts.map((host) => pool.run(host, script('echo in'))));
        expect(results.map(({ kind }) => kind)).toEqual(
          Array(2).fill(transport === 'ssh2' ? 'exited' : 'authentication-failed'),
        );
      });
      expect(asked).toEqual(transport === 'ssh2' ? [file('locked')] : []);
    });
  });

  describe('a login by the agent', () => {
    it('works with no file at all', async () => {
      await viaAgent('-D');
      await viaAgent(file('id_ed25519'));
      expect(await logInWith([], { agentSocket })).toMatchObject({ kind: 'exited' });
    });

    it('takes an encrypted key from the agent without asking, before the many others there', async () => {
      await viaAgent('-D');
      await viaAgent(...Array.from({ length: 7 }, (_, index) => file(`stranger-${index}`)));
      await makeKey(file('held'));
      await sshd.authorize(file('held'));
      await viaAgent(file('held'));
      await must(['ssh-keygen', '-q', '-p', '-P', '', '-N', PASSPHRASE, '-f', file('held')]);
      expect(await logInWith(['held'], { agentSocket })).toMatchObject({ kind: 'exited' });
    });

    it('goes on without an agent that is not there', async () => {
      expect(await logInWith(['id_ed25519'], { agentSocket: file('no-agent') })).toMatchObject({ kind: 'exited' });
    });
  });

  describe('a login that is denied says', () => {
    const denied = async (names: readonly string[], options: Partial<PoolOptions> = {}) => {
      const result = await logInWith(names, options);
      if (result.kind !== 'authentication-failed') throw new Error(JSON.stringify(result));
      expect(result.why).not.toContain(PASSPHRASE);
      return result.why;
    };

    it('which keys were tried', async () => {
      expect(await denied(['stranger-0', 'stranger-1'])).toBe(
        `it accepted none of ${file('stranger-0')}, ${file('stranger-1')}`,
      );
    });

    it('that there was none, and why', async () => {
      await mkdir(file('directory'), { recursive: true });
      expect(await denied(['gone', 'directory'])).toBe(
        `no key to try; ${file('gone')} does not exist; ${file('directory')} ${transport === 'ssh2' ? 'cannot be read (EISDIR)' : 'holds no key that can be used here (bad permissions)'}`,
      );
    });

    it('that a key needs a passphrase', async () => {
      expect(await denied(['locked'])).toContain(`${file('locked')} needs a passphrase`);
    });

    it('that a passphrase is wrong', async () => {
      expect(await denied(['locked'], { passphrase: 'wrong' })).toBe(
        transport === 'ssh2'
          ? `no key to try; the passphrase does not open ${file('locked')}`
          : `${file('locked')} needs a passphrase, which ssh is not given (add it to the ssh-agent)`,
      );
    });

    it('that the file holds no key', async () => {
      await writeFile(file('text'), 'not a key');
      expect(await denied(['text'])).toContain(`${file('text')} holds no key that can be used here`);
    });

    it('that the agent cannot be asked', async () => {
      expect(await denied([], { agentSocket: file('no-agent') })).toContain(
        'the ssh-agent cannot be asked (SSH_AUTH_SOCK)',
      );
    });

    it('that the host hung up before every key was tried', async () => {
      expect(await denied(Array.from({ length: 7 }, (_, index) => `stranger-${index}`))).toMatch(
        /^it hung up after \d keys, and accepted none of /,
      );
    });
  });
});
