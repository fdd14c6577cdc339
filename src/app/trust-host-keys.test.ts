import { describe, expect, it } from 'vitest';
import { type Host, parseHostName, SSH2 } from '#domain/host.ts';
import type { OfferedHostKey } from './ports.ts';
import { acceptHostKeys, proposeHostKeys } from './trust-host-keys.ts';

const name = parseHostName('web-01');
if (name === undefined) throw new Error('not a name');
const host: Host = {
  name,
  address: '10.0.0.1',
  port: 22,
  user: 'ops',
  identityFiles: [],
  groups: [],
  jump: [],
  transport: SSH2,
};

function key(type: string, standing: OfferedHostKey['standing']): OfferedHostKey {
  return { type, fingerprint: `SHA256:${type}`, line: `10.0.0.1 ${type} AAAA`, standing };
}

const scanOf =
  (...keys: readonly OfferedHostKey[]) =>
  async () =>
    ({ kind: 'scanned', keys }) as const;

describe('proposeHostKeys', () => {
  it('proposes what is new and tells what is known', async () => {
    const fresh = key('ssh-rsa', { kind: 'unknown' });
    const old = key('ssh-ed25519', { kind: 'trusted' });
    expect(await proposeHostKeys(host, scanOf(old, fresh))).toEqual({
      kind: 'proposal',
      host,
      additions: [fresh],
      known: [old],
    });
  });

  it('has nothing to add when all are known', async () => {
    const old = key('ssh-ed25519', { kind: 'trusted' });
    expect(await proposeHostKeys(host, scanOf(old))).toEqual({ kind: 'nothing-to-add', known: [old] });
  });

  it.each(['changed', 'revoked'] as const)('adds nothing beside a key that is %s', async (standing) => {
    const bad = key('ssh-ed25519', { kind: standing, knownAt: 'known_hosts:3' });
    expect(await proposeHostKeys(host, scanOf(key('ssh-rsa', { kind: 'unknown' }), bad))).toEqual({
      kind: 'conflict',
      key: bad,
      standing,
      knownAt: 'known_hosts:3',
    });
  });

  it('passes on why the host could not be asked', async () => {
    const failure = { kind: 'refused', why: 'nothing listens there' } as const;
    expect(await proposeHostKeys(host, async () => failure)).toEqual({ kind: 'failed', failure });
  });
});

describe('acceptHostKeys', () => {
  it('writes the lines that were shown', async () => {
    const written: string[] = [];
    const outcome = await acceptHostKeys([key('ssh-rsa', { kind: 'unknown' })], async (lines) => {
      written.push(...lines);
      return undefined;
    });
    expect(outcome).toEqual({ kind: 'added', count: 1 });
    expect(written).toEqual(['10.0.0.1 ssh-rsa AAAA']);
  });

  it('says why nothing was written', async () => {
    const outcome = await acceptHostKeys([], async () => 'known_hosts cannot be written (EROFS)');
    expect(outcome).toEqual({ kind: 'not-written', why: 'known_hosts cannot be written (EROFS)' });
  });
});
