/** No host is spoken to before its key is verified: against a real sshd, every way known_hosts can stand to it. */
import { createHmac, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptHostKeys, proposeHostKeys } from '#app/trust-host-keys.ts';
import { type LocalSshd, makeKey, publicHalf, startSshd } from '#lab/local-sshd.ts';
import { hostsBy, knownHosts, script, TRANSPORTS, withPool } from '#lab/ssh-client.ts';
import { addKnownHosts } from '#ssh/add-known-hosts.ts';
import { logIn } from '#ssh/ssh2/log-in.ts';

describe.each(TRANSPORTS)('over %s', (transport) => {
  const hostOf = hostsBy(transport);

  let sshd: LocalSshd;
  let name: string;
  let ed25519: string;
  let rsa: string;
  let other: string;

  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'rsa', 'ecdsa'] });
    name = `[127.0.0.1]:${sshd.port}`;
    ed25519 = await sshd.hostKey('ed25519');
    rsa = await sshd.hostKey('rsa');
    await makeKey(join(sshd.dir, 'other'));
    other = await publicHalf(join(sshd.dir, 'other'));
  });
  afterAll(() => sshd?.stop());

  async function runWith(lines: readonly string[], changes = {}) {
    const known = await knownHosts(sshd, lines);
    return withPool({ knownHosts: [known] }, (pool) => pool.run(hostOf(sshd, changes), script('echo hello')));
  }

  function hashed(text: string): string {
    const salt = randomBytes(20);
    return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(text).digest('base64')}`;
  }

  describe('a host is logged in to when its key is listed', () => {
    it.each([
      ['plainly', () => [`${name} ${ed25519}`]],
      ['by its RSA key only, though it prefers another', () => [`${name} ${rsa}`]],
      ['under a hashed name', () => [`${hashed(name)} ${ed25519}`]],
      ['by a pattern', () => [`*.example.com,[127.0.0.?]:* ${ed25519}`]],
      ['beside an older key of the same type', () => [`${name} ${other}`, `${name} ${ed25519}`]],
      [
        'among lines that are garbage',
        () => ['garbage', '# comment', '', `${name} ssh-ed25519 AAAA`, `${name} ${ed25519}`],
      ],
      ['while another key is revoked', () => [`@revoked * ${other}`, `${name} ${ed25519}`]],
    ])('%s', async (_, lines) => {
      expect(await runWith(lines())).toMatchObject({ kind: 'exited', stdout: 'hello\n' });
    });

    it('under its alias', async () => {
      expect(await runWith([`the-web ${ed25519}`], { hostKeyAlias: 'the-web' })).toMatchObject({ kind: 'exited' });
    });
  });

  describe('a host is not logged in to', () => {
    const stranger = {
      kind: 'host-key-unknown',
      hop: 'web-01',
      fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/),
      bytes: 0,
    };

    it.each([
      ['no file lists it', () => []],
      ['a pattern takes it out again', () => [`*,![127.0.0.1]:*,!127.0.0.1 ${ed25519}`]],
      ['only a certificate authority is known for it', () => [`@cert-authority * ${ed25519}`]],
      ['another name is hashed', () => [`${hashed('[127.0.0.2]:22')} ${ed25519}`]],
    ])('when %s', async (_, lines) => {
      expect(await runWith(lines())).toMatchObject(stranger);
    });

    it('when it is listed for another port; ssh takes the key that is listed without one', async () => {
      const elsewhere = await runWith([`[127.0.0.1]:1 ${ed25519}`]);
      expect(elsewhere).toMatchObject(stranger);
      const withoutPort = await runWith([`127.0.0.1 ${ed25519}`]);
      expect(withoutPort).toMatchObject(transport === 'ssh2' ? stranger : { kind: 'exited', stdout: 'hello\n' });
    });

    it('when another key is known, and says where', async () => {
      const result = await runWith(['# one', `${name} ${other}`]);
      expect(result).toMatchObject({
        kind: 'host-key-changed',
        hop: 'web-01',
        knownAt: `${sshd.dir}/known_hosts:2`,
        bytes: 0,
      });
    });

    it('when the type of key that is known is gone', async () => {
      const only = await startSshd({ hostKeys: ['ed25519'] });
      try {
        const known = await knownHosts(only, [`[127.0.0.1]:${only.port} ${rsa}`]);
        const result = await withPool({ knownHosts: [known] }, (pool) => pool.run(hostOf(only), script('echo')));
        expect(result).toMatchObject({ kind: 'host-key-changed', knownAt: `${known}:1` });
      } finally {
        await only.stop();
      }
    });

    it('when its key is revoked, also where it is listed as good', async () => {
      const result = await runWith([`${name} ${ed25519}`, `@revoked * ${ed25519}`]);
      expect(result).toMatchObject({ kind: 'host-key-revoked', knownAt: `${sshd.dir}/known_hosts:2` });
    });

    it('when a revocation cannot be read', async () => {
      const result = await runWith([`${name} ${ed25519}`, '@revoked * ssh-ed25519 AAAA']);
      expect(result).toMatchObject({
        kind: 'known-hosts-unreadable',
        why: `${sshd.dir}/known_hosts line 2 revokes a key that cannot be read`,
      });
    });

    it('when one of the files cannot be read, whatever the others say', async () => {
      const known = await knownHosts(sshd);
      const broken = join(sshd.dir, 'directory');
      await mkdir(broken);
      const result = await withPool({ knownHosts: [known, broken] }, (pool) => pool.run(hostOf(sshd), script('echo')));
      expect(result).toMatchObject({ kind: 'known-hosts-unreadable', why: `${broken} cannot be read (EISDIR)` });
    });

    it('without a verifier', () => {
      const request = {
        host: hostOf(sshd),
        through: undefined,
        hostKeyAlgorithms: [],
        readyTimeoutMs: 1000,
        signal: AbortSignal.abort(),
      };
      const unverified = { ...request, credentials: { attempts: [], problems: [] }, verifyHostKey: undefined };
      expect(() => logIn(unverified as never)).toThrow('A login needs a host key verifier.');
    });
  });

  describe('trusting a host', () => {
    const scan = (known: string) =>
      withPool({ knownHosts: [known] }, (pool) => proposeHostKeys(hostOf(sshd), pool.scanHostKeys));

    it('shows the key of each type as ssh-keygen does, adds them, and then logs in', async () => {
      const known = join(sshd.dir, 'new', 'known_hosts');
      const proposal = await scan(known);
      if (proposal.kind !== 'proposal') throw new Error(JSON.stringify(proposal));
      expect(proposal.additions.map(({ type }) => type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa']);
      expect(proposal.additions[0]?.line).toBe(`${name} ${ed25519}`);
      expect(await acceptHostKeys(proposal.additions, addKnownHosts(known))).toEqual({ kind: 'added', count: 3 });
      expect((await stat(known)).mode & 0o777).toBe(0o600);
      expect(await scan(known)).toMatchObject({ kind: 'nothing-to-add' });
      const result = await withPool({ knownHosts: [known] }, (pool) => pool.run(hostOf(sshd), script('echo in')));
      expect(result).toMatchObject({ kind: 'exited', stdout: 'in\n' });
    });

    it('keeps every line and the mode of a file that does not end in a newline', async () => {
      const known = join(sshd.dir, 'without-newline');
      await writeFile(known, `# mine\nelsewhere ${other}`);
      await chmod(known, 0o644);
      await Promise.all([addKnownHosts(known)(['a one']), addKnownHosts(known)(['b two'])]);
      expect((await readFile(known, 'utf8')).trimEnd().split('\n').filter(Boolean).sort()).toEqual(
        ['# mine', 'a one', 'b two', `elsewhere ${other}`].sort(),
      );
      expect((await stat(known)).mode & 0o777).toBe(0o644);
    });

    it('adds nothing to a host whose known key has changed', async () => {
      const known = await knownHosts(sshd, [`${name} ${other}`]);
      expect(await scan(known)).toMatchObject({ kind: 'conflict', standing: 'changed', knownAt: `${known}:1` });
    });

    it('says why the file cannot be written', async () => {
      expect(await addKnownHosts(sshd.dir)(['x'])).toBe(`${sshd.dir} cannot be written (EISDIR)`);
    });
  });
});
