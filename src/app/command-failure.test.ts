import { describe, expect, it } from 'vitest';
import { type Host, type HostName, SSH2 } from '#domain/host.ts';
import { connectionFailure } from './command-failure.ts';

function host(name: string, jump: readonly Host[] = []): Host {
  const login = { address: `${name}.lan`, port: 22, user: `u-${name}`, identityFiles: [], groups: [] };
  return { name: name as HostName, ...login, jump, transport: SSH2 };
}

describe('a login that failed', () => {
  const failure = { kind: 'authentication-failed', why: 'gate: it accepted none of /k', at: 'gate' } as const;

  it('at a jump host is told of that one: its account, its address', () =>
    expect(connectionFailure(failure, host('web-01', [host('gate')])).details).toMatchObject({
      ...{ host: 'gate', user: 'u-gate', address: 'gate.lan', target: 'web-01', why: 'it accepted none of /k' },
    }));

  it('at one that the inventory does not know keeps its name', () =>
    expect(connectionFailure(failure, host('web-01')).details).toMatchObject({
      ...{ host: 'web-01', why: 'gate: it accepted none of /k' },
    }));
});
