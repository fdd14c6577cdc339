import { describe, expect, it } from 'vitest';
import type { Feature } from '#domain/feature.ts';
import type { HostName } from '#domain/host.ts';
import { type Circumstances, chooseTransport, type Reached } from './choose-transport.ts';
import type { HostEntry } from './host-entry.ts';

const HERE: Circumstances = { setting: 'auto', config: '/home/ann/.ssh/config', knownHosts: undefined, hasSsh: true };
const PROXY = 'nc -x proxy %h %p';

interface Given {
  readonly name?: string;
  readonly own?: HostEntry;
  readonly asks?: readonly Feature[];
}

function host({ name = 'web-01', own = {}, asks = [] }: Given = {}): Reached {
  const login = {
    name: name as HostName,
    address: `${name}.lan`,
    port: 22,
    user: 'ops',
    identityFiles: [],
    groups: [],
  };
  const say = (keyword: string) => (keyword === 'proxycommand' && asks.includes('ProxyCommand') ? [PROXY] : []);
  return { host: login, own, say, asks };
}

function choose(target: Reached, hops: readonly Reached[] = [], changes: Partial<Circumstances> = {}) {
  const chosen = chooseTransport(target, hops, { ...HERE, ...changes });
  if (chosen.kind === 'refused') throw new Error(chosen.why);
  return chosen.host;
}

describe('auto', () => {
  it('is ssh2 where nothing else is asked for', () => {
    expect(choose(host())).toMatchObject({ transport: { kind: 'ssh2' } });
    expect(choose(host())).not.toHaveProperty('asks');
  });

  it('is openssh for what ssh2 does not have, with no option where our files say nothing', () => {
    const { transport, asks } = choose(host({ asks: ['CertificateFile', 'FIDO'] }));
    expect(transport).toEqual({ kind: 'openssh', config: HERE.config, options: [] });
    expect(asks).toEqual(['CertificateFile', 'FIDO']);
  });

  it('runs a ProxyCommand for ssh2 where there is no ssh, and leaves the rest to the ssh that is missing', () => {
    const hasSsh = false;
    const proxied = choose(host({ asks: ['ProxyCommand'] }), [], { hasSsh });
    expect(proxied.transport).toEqual({ kind: 'ssh2', proxyCommand: 'nc -x proxy web-01.lan 22' });
    expect(choose(host({ asks: ['ProxyCommand', 'FIDO'] }), [], { hasSsh }).transport.kind).toBe('openssh');
  });

  it('is openssh for the whole way where a jump host asks for it', () => {
    const { transport, jump, asks } = choose(host(), [host({ name: 'gate', asks: ['@cert-authority'] })]);
    expect([transport.kind, ...jump.map((hop) => hop.transport.kind)]).toEqual(['openssh', 'openssh']);
    expect(asks).toEqual(['@cert-authority']);
  });

  it('follows a jump host that is to be reached by openssh, and no jump host to ssh2', () => {
    expect(choose(host(), [host({ name: 'gate', own: { transport: 'openssh' } })]).transport.kind).toBe('openssh');
    const ssh2 = { transport: 'ssh2' } as const;
    expect(choose(host({ asks: ['FIDO'] }), [host({ name: 'gate', own: ssh2 })]).transport.kind).toBe('openssh');
    expect(choose(host(), [host({ name: 'gate', own: ssh2, asks: ['FIDO'] })]).transport.kind).toBe('ssh2');
  });

  it('has no use for the ProxyCommand of a host that our files reach through another', () => {
    const chosen = choose(host({ own: { jump: ['gate'] }, asks: ['ProxyCommand'] }), [host({ name: 'gate' })]);
    expect(chosen).toMatchObject({ transport: { kind: 'ssh2' }, jump: [{ transport: { kind: 'ssh2' } }] });
    expect(chosen.transport).not.toHaveProperty('proxyCommand');
  });
});

describe('a ProxyCommand that an Ansible inventory says', () => {
  const own: HostEntry = { jump: [], proxyCommand: 'tunnel %h %p' };

  it('is asked for, and passed on as it is, whatever ssh_config says', () => {
    const { transport, asks } = choose(host({ own, asks: ['ProxyCommand'] }));
    expect(asks).toEqual(['ProxyCommand']);
    expect(transport).toMatchObject({
      ...{ kind: 'openssh', options: ['ProxyCommand=tunnel %h %p'] },
      proxyCommand: 'tunnel web-01.lan 22',
    });
  });

  it('is run for ssh2', () =>
    expect(choose(host({ own: { ...own, transport: 'ssh2' } })).transport).toEqual({
      ...{ kind: 'ssh2', proxyCommand: 'tunnel web-01.lan 22' },
    }));

  it('of a jump host is run on the way through it, with its own address', () => {
    const { transport } = choose(host({ asks: ['FIDO'] }), [host({ name: 'gate', own })]);
    expect(transport).toMatchObject({
      proxyCommand: expect.stringMatching(/^ssh .* 'ProxyCommand=tunnel %h %p' .* 'gate'$/),
    });
  });

  it('of a later jump host is not: that one is reached through the one before', () => {
    const hops = [host({ name: 'outer' }), host({ name: 'inner', own })];
    const { transport } = choose(host({ asks: ['FIDO'] }), hops);
    expect(transport.proxyCommand).not.toContain('tunnel');
  });
});

describe('what tcp-oncall.yaml says', () => {
  it('of the host outweighs what it says of all, and what is asked for', () => {
    const asks: Feature[] = ['ProxyCommand', 'FIDO'];
    const own: HostEntry = { transport: 'ssh2' };
    const { transport, asks: told } = choose(host({ own, asks }), [], { setting: 'openssh' });
    expect(transport).toEqual({ kind: 'ssh2', proxyCommand: 'nc -x proxy web-01.lan 22' });
    expect(told).toEqual(asks);
    expect(choose(host(), [], { setting: 'openssh' }).transport.kind).toBe('openssh');
  });

  it('is all that ssh is told: the login, the known hosts, the way', () => {
    const own = { address: '10.0.0.1', port: 2200, user: 'ann', identityFiles: ['/k'], jump: ['gate'] };
    const gate = host({ name: 'gate', own: { user: 'gate', identityFiles: ['/g'] } });
    const { transport } = choose(host({ own, asks: ['FIDO'] }), [gate], { knownHosts: ['/known'] });
    expect(transport).toEqual({
      kind: 'openssh',
      config: HERE.config,
      knownHosts: ['/known'],
      options: [
        ...['HostName=10.0.0.1', 'Port=2200', 'User=ann', 'IdentityFile="/k"'],
        expect.stringMatching(/^ProxyCommand=ssh .*'User=gate' .*"\/g".*'UserKnownHostsFile="\/known"'.* 'gate'$/),
      ],
      proxyCommand: expect.stringMatching(/^ssh .*'User=gate' .* -W '\[web-01\.lan\]:22' -- 'gate'$/),
    });
  });

  it('can be that there is no jump host, whatever ssh_config says', () => {
    const { transport } = choose(host({ own: { jump: [] }, asks: ['FIDO', 'ProxyCommand'] }));
    expect(transport).toMatchObject({ options: ['ProxyCommand=none'] });
  });

  it('of a jump host too: no ProxyCommand of ssh_config is left on its way', () => {
    const gate = host({ name: 'gate', own: { jump: [] }, asks: ['ProxyCommand'] });
    const { transport, asks } = choose(host({ asks: ['FIDO'] }), [gate]);
    expect(transport.proxyCommand).toContain("'ProxyCommand=none'");
    expect(asks).toEqual(['FIDO']);
  });

  it.each(['address', 'user', 'hostKeyAlias'])('is refused where ssh would give it to a shell: %s', (key) => {
    const target = host({ own: { [key]: '$(id)' }, asks: ['FIDO'] });
    expect(chooseTransport(target, [], HERE)).toMatchObject({ kind: 'refused', why: expect.stringContaining('$(id)') });
  });
});
