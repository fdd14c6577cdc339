import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSurroundings } from './surroundings.ts';

const HOST = { address: 'Web-01.lan', port: 2200 };
const CERTIFICATE = 'ssh-ed25519-cert-v01@openssh.com';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'surroundings-'));
});
afterEach(() => rm(dir, { recursive: true }));

const file = (name: string) => join(dir, name);
const here = () => createSurroundings({ knownHosts: [file('known_hosts')], agentSocket: undefined });

describe('keyTypes', () => {
  it('are those of the keys, locked ones too, and of the certificates beside them', async () => {
    const plain = ssh2.utils.generateKeyPairSync('ed25519');
    const locked = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, passphrase: 'x', cipher: 'aes256-cbc' });
    await Promise.all([
      writeFile(file('plain'), plain.private),
      writeFile(file('plain-cert.pub'), `${CERTIFICATE} AAAA ann`),
      writeFile(file('locked'), locked.private),
      writeFile(file('touch'), 'sk-ssh-ed25519@openssh.com AAAA touch'),
    ]);
    const types = await here().keyTypes(['plain', 'locked', 'touch', 'gone'].map(file));
    expect(types).toEqual(['ssh-ed25519', CERTIFICATE, 'ecdsa-sha2-nistp256', 'sk-ssh-ed25519@openssh.com']);
  });
});

describe('hasAuthority', () => {
  const { public: line } = ssh2.utils.generateKeyPairSync('ed25519');
  const key = line.split(' ').slice(0, 2).join(' ');

  it.each([
    ['@cert-authority *.lan', true],
    ['@cert-authority [web-01.lan]:2200', true],
    ['@cert-authority *.lan,!web-01.lan', false],
    ['@cert-authority db-*', false],
    ['web-01.lan', false],
    ['@revoked web-01.lan', false],
  ])('%s', async (hosts, expected) => {
    await writeFile(file('known_hosts'), `${hosts} ${key}\n`);
    expect(await here().hasAuthority(HOST, [])).toBe(expected);
  });

  it('goes by the alias, and by what other files say', async () => {
    await writeFile(file('more'), `@cert-authority web ${key}\n`);
    const aliased = { ...HOST, hostKeyAlias: 'web' };
    expect(await here().hasAuthority(aliased, [])).toBe(false);
    expect(await here().hasAuthority(aliased, [file('more')])).toBe(true);
    expect(await here().hasAuthority(HOST, [file('more')])).toBe(false);
  });

  it('sees that a file has changed', async () => {
    const surroundings = here();
    expect(await surroundings.hasAuthority(HOST, [])).toBe(false);
    await writeFile(file('known_hosts'), `@cert-authority db-01 ${key}\n`);
    expect(await surroundings.hasAuthority(HOST, [])).toBe(false);
    await writeFile(file('known_hosts'), `@cert-authority web-* ${key}\n`);
    await utimes(file('known_hosts'), 1, 1);
    expect(await surroundings.hasAuthority(HOST, [])).toBe(true);
  });
});

it('asks no agent where none may be asked', async () => expect(await here().agentKeyTypes()).toEqual([]));
