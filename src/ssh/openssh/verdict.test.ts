import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Host, parseHostName, SSH2 } from '#domain/host.ts';
import { failureIn, hostKeyIn, lostIn } from './verdict.ts';

function named(name: string, port: number, jump: readonly Host[] = []): Host {
  const parsed = parseHostName(name);
  if (parsed === undefined) throw new Error('not a host name');
  const login = { address: '127.0.0.1', port, user: 'root', identityFiles: [], groups: [] };
  return { name: parsed, ...login, jump, transport: SSH2 };
}

const BASTIONS = [2202, 2203, 2298].map((port) => named('bastion', port));
const HOST = named('web-01', 2201, BASTIONS);
const KEY = 'SHA256:77PdsJKU0Hfdw5CxuLXUH0AA7aGD4Fasr3vOtWMlxSc';

/** What OpenSSH 9.2 of Debian 12 said, asked with `-v -E`; lines on key exchange are left out. */
function sample(name: string): string {
  try {
    return readFileSync(new URL(`samples/9.2/${name}.txt`, import.meta.url), 'utf8');
  } catch {
    return '';
  }
}

const nowhere = () => undefined;
const failure = (ssh: string, proxy = '') => failureIn({ ssh, proxy }, HOST, nowhere);

describe('what OpenSSH 9.2 says', () => {
  it.each<[string, object]>([
    ['unknown', { kind: 'host-key-unknown', hop: 'web-01', fingerprint: KEY }],
    ['certunknown', { kind: 'host-key-unknown', hop: 'web-01', fingerprint: KEY }],
    ['certexpired', { kind: 'host-key-unknown', hop: 'web-01', fingerprint: KEY }],
    ['changed', { kind: 'host-key-changed', hop: 'web-01', fingerprint: KEY, knownAt: '/home/ann/kh.changed:1' }],
    ['rsaonly', { kind: 'host-key-changed', hop: 'web-01', fingerprint: KEY, knownAt: '/home/ann/kh.rsa:1' }],
    ['revoked', { kind: 'host-key-revoked', hop: 'web-01', fingerprint: KEY, knownAt: 'the known_hosts files of ssh' }],
    ['stranger', { kind: 'authentication-failed', why: 'it accepted none of /home/ann/stranger' }],
    [
      'usercertexpired',
      {
        kind: 'authentication-failed',
        why: 'it accepted none of /home/ann/uc3, the certificate of /home/ann/uc3',
      },
    ],
    ['pwonly', { kind: 'authentication-failed', why: 'it takes only password', denied: 'takesNoKey' }],
    ['nokey', { kind: 'authentication-failed', why: 'no key to try; /home/ann/gone does not exist' }],
    [
      'notakey',
      {
        kind: 'authentication-failed',
        why: 'no key to try; /home/ann/nokeyfile holds no key that can be used here (error in libcrypto)',
      },
    ],
    [
      'locked',
      {
        kind: 'authentication-failed',
        why: '/home/ann/locked needs a passphrase, which ssh is not given (add it to the ssh-agent)',
      },
    ],
    [
      'openkey',
      {
        kind: 'authentication-failed',
        why: '/home/ann/id.open holds no key that can be used here (bad permissions)',
      },
    ],
    [
      'toomany',
      {
        kind: 'authentication-failed',
        why: expect.stringMatching(/^it hung up after 6 keys, and accepted none of .*s1, .*s6; not tried: .*s7/),
        denied: 'tooManyKeys',
      },
    ],
    ['refused', { kind: 'refused', why: 'nothing listens there (connection refused)' }],
    ['hangsup', { kind: 'connection-lost', why: 'the host reset the connection' }],
    [
      'badconfig',
      { kind: 'unreachable', why: expect.stringMatching(/^ssh says ".*terminating, 1 bad configuration options"$/) },
    ],
    ['proxydies', { kind: 'unreachable', why: 'the way to it says "cannot find the way"' }],
    ['proxygarbage', { kind: 'connection-lost', why: 'the host hung up during the login' }],
    ['jumpunknown', { kind: 'host-key-unknown', hop: 'bastion', fingerprint: KEY }],
    ['jumpchanged', { kind: 'host-key-changed', hop: 'bastion', knownAt: '/home/ann/kh.jumpchanged:6' }],
    ['jumpstranger', { kind: 'authentication-failed', why: 'bastion: it accepted none of /home/ann/stranger' }],
    ['jumprefused', { kind: 'refused', why: 'bastion: nothing listens there (connection refused)' }],
    ['jumpnofwd', { kind: 'refused', why: 'bastion does not forward connections' }],
    ['jumpthenrefused', { kind: 'refused', why: 'bastion cannot reach it (connection refused)' }],
  ])('%s', (name, expected) => {
    expect(failure(sample(`${name}.ssh`), sample(`${name}.proxy`))).toMatchObject(expected);
  });

  it('of the key of a certificate, and of the host behind a jump host', () => {
    expect(hostKeyIn(sample('cert.ssh'))).toBe(KEY);
    expect(hostKeyIn(sample('jumpok.ssh'))).toBe(KEY);
  });
});

describe('what other versions say', () => {
  it.each<[string, string, object]>([
    [
      '8.4: changed',
      'ED25519 host key for 127.0.0.1 has changed and you have requested strict checking.\r\nHost key verification failed.',
      { kind: 'host-key-changed' },
    ],
    [
      '10.0: changed',
      'Host key for 127.0.0.1 has changed and you have requested strict checking.\r\nHost key verification failed.',
      { kind: 'host-key-changed' },
    ],
    [
      'all: no name',
      'ssh: Could not resolve hostname web-01: Name or service not known',
      { kind: 'unreachable', why: 'its name cannot be resolved' },
    ],
    [
      'all: no name server',
      'ssh: Could not resolve hostname web-01: Temporary failure in name resolution',
      { kind: 'unreachable', why: 'the name server does not answer' },
    ],
    [
      'all: no answer',
      'ssh: connect to host 10.0.0.1 port 22: Connection timed out',
      { kind: 'unreachable', why: 'no answer' },
    ],
    [
      'all: no route',
      'ssh: connect to host 10.0.0.1 port 22: No route to host',
      { kind: 'unreachable', why: 'no route to it' },
    ],
    [
      'all: no banner',
      'Connection timed out during banner exchange',
      { kind: 'unreachable', why: 'the host does not answer' },
    ],
    [
      'all: another protocol',
      'debug1: kex_exchange_identification: banner line 0: HTTP/1.1 400 Bad Request\r\nkex_exchange_identification: Connection closed by remote host',
      { kind: 'unreachable', why: 'what answers there is not SSH: "HTTP/1.1 400 Bad Request"' },
    ],
    [
      'all: no algorithm in common',
      'Unable to negotiate with 10.0.0.1 port 22: no matching cipher found. Their offer: aes128-ctr,aes256-ctr',
      { kind: 'ssh-unfit', why: 'no matching cipher found; it offers aes128-ctr,aes256-ctr' },
    ],
    [
      '6.6: too old for us',
      'OpenSSH_6.6.1p1, OpenSSL 1.0.1e-fips\r\n/run/x/config: line 2: Bad configuration option: include',
      { kind: 'ssh-unfit', why: 'the ssh of this machine is OpenSSH 6.6, and it takes 7.4 or newer' },
    ],
    [
      '10.0: not too old',
      'OpenSSH_10.0p2 Debian-7\r\nssh: Could not resolve hostname web-01: Name or service not known',
      { kind: 'unreachable' },
    ],
    ['8.4: hung up', 'ssh_exchange_identification: Connection closed by remote host', { kind: 'connection-lost' }],
    [
      'all: RevokedHostKeys',
      `Host key ED25519 ${KEY} revoked by file /etc/ssh/revoked\r\nHost key verification failed.`,
      { kind: 'host-key-revoked', fingerprint: KEY, knownAt: '/etc/ssh/revoked' },
    ],
    [
      'all: a key of the agent',
      'debug1: Offering public key: ann@laptop RSA SHA256:x agent\nroot@10.0.0.1: Permission denied (publickey).',
      { why: 'it accepted none of ann@laptop in the agent' },
    ],
    [
      'all: a token that nobody touches',
      'debug1: Server accepts key: /k ED25519-SK SHA256:x explicit\nsign_and_send_pubkey: signing failed for ED25519-SK "/k": device not found\nroot@h: Permission denied (publickey).',
      { why: '/k did not sign (device not found)' },
    ],
    [
      'all: a second factor',
      'Authenticated using "publickey" with partial success.\nroot@h: Permission denied (keyboard-interactive).',
      { why: 'it takes only keyboard-interactive; a key alone is not enough for it', denied: 'takesNoKey' },
    ],
  ])('%s', (_, said, expected) => expect(failure(`${said}\r\n`)).toMatchObject(expected));

  it('of a connection that is gone', () => {
    expect(lostIn('Timeout, server 10.0.0.1 not responding.\r\n')).toBe('the host has not answered for 15 s');
    expect(lostIn('Connection to 10.0.0.1 closed by remote host.\r\n')).toBe('the host closed the connection');
  });

  it('where it is revoked, if we can read it there', () => {
    const said = { ssh: sample('revoked.ssh'), proxy: '' };
    expect(failureIn(said, HOST, (key) => (key === KEY ? '/known:2' : undefined))).toMatchObject({
      knownAt: '/known:2',
    });
  });
});

it('names a jump host that has no address', () =>
  expect(failure('', 'ssh: Could not resolve hostname gate.lan: Name or service not known\r\n')).toEqual({
    ...{ kind: 'unreachable', at: 'gate.lan', why: 'gate.lan: its name cannot be resolved' },
  }));

describe('a host that puts lines of its own among them', () => {
  const line = (key: string) => `debug1: Server host key: ssh-ed25519 ${key}\r\n`;
  const FALSE = `SHA256:${'A'.repeat(43)}`;

  it.each([
    ['before', `debug1: Remote: x\n${line(FALSE)}${line(KEY)}`],
    ['after', `${line(KEY)}debug1: Remote: x\n${line(FALSE)}`],
    ['in a certificate', `debug1: Server host certificate: t ${KEY}, serial 0 ID "x\n${line(FALSE)}" CA y\r\n`],
  ])('%s the real one is believed nothing', (_, text) => expect(hostKeyIn(text)).toBeUndefined());

  it('is believed the key that it shows again', () => expect(hostKeyIn(line(KEY) + line(KEY))).toBe(KEY));

  const REACHED = 'debug1: SSH2_MSG_NEWKEYS received\r\n';
  const CHANGED = 'Host key for web-01 has changed and you have requested strict checking.';
  const LIES = [CHANGED, 'ssh: connect to host web-01 port 22: Connection refused', 'Host key verification failed.'];

  it.each(LIES)('is not believed what ssh would end with: %s', (lie) => {
    const denied = `${REACHED}debug1: Authentications that can continue: x\n${lie}\r\nroot@h: Permission denied (x).`;
    expect(failure(denied)).toMatchObject({ kind: 'authentication-failed' });
    const farewell = `Received disconnect from 10.0.0.1 port 22:11: bye\n${lie}\r\nDisconnected from 10.0.0.1 port 22\r\n`;
    expect(failure(farewell)).toEqual({ kind: 'connection-lost', why: 'the host ended the login: "bye"' });
  });

  it.each(LIES)('is not believed in its banner: %s', (lie) =>
    expect(failure(`${REACHED}Connection closed by 10.0.0.1 port 22\r\n`, `${lie}\r\n`)).toEqual({
      kind: 'connection-lost',
      why: 'the host hung up during the login',
    }),
  );

  it('is not believed that it has no algorithm in common, once it has used one', () =>
    expect(
      failure(`${REACHED}debug1: x\nUnable to negotiate with h port 1: no\r\nroot@h: Permission denied (x).`),
    ).toMatchObject({
      kind: 'authentication-failed',
    }));

  it('cannot hide that its key has changed', () =>
    expect(failure(`debug1: Remote: x\n${REACHED}${CHANGED}\r\nHost key verification failed.\r\n`)).toMatchObject({
      kind: 'host-key-changed',
    }));

  it('gets nothing through that a terminal would obey, and throws nothing', () => {
    const words = fc.constantFrom(
      '\u001b[2J',
      '\r\n',
      'Load key "',
      'Offering public key: ',
      'debug1: ',
      ': ',
      'SHA256:',
      ' agent',
      'ssh: connect to host ',
      'x',
      '\u202e',
      ' port 22',
      'root@h: Permission denied (',
      ').',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), fc.array(words, { maxLength: 60 }), (ssh, proxy) => {
        expect(JSON.stringify(failure(ssh.join(''), proxy.join('')))).not.toMatch(/\\u001b|\u202e|\\n|\\r/);
      }),
    );
  });

  it('costs no more than linear time', () => {
    const flood = 'debug1: Offering public key: x RSA SHA256:y agent\nroot@h: Permission denied (publickey\nLoad key "';
    const began = performance.now();
    failure(flood.repeat(5000), 'ssh: connect to host x port '.repeat(20_000));
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
