import { describe, expect, it } from 'vitest';
import { parseAnswer } from './ask-ssh.ts';
import { featuresAsked, type KeyTypes, type KnownBy } from './features.ts';

const PLAIN: KeyTypes = { files: ['ssh-ed25519', 'ssh-rsa'], agent: ['ssh-ed25519'] };
const NOBODY: KnownBy = { authority: false, files: [] };
const CERTIFICATE = 'ssh-ed25519-cert-v01@openssh.com';
const FIDO = 'sk-ssh-ed25519@openssh.com';

/** `answer`: as ssh -G prints it. */
const asked = (answer: string, keys: Partial<KeyTypes> = {}, known: Partial<KnownBy> = {}) =>
  featuresAsked(parseAnswer(answer, '/home/ann').say, { ...PLAIN, ...keys }, { ...NOBODY, ...known });

/** What OpenSSH 9.2 says of a host that nothing is said about. */
const DEFAULTS = `gssapiauthentication no
hostbasedauthentication no
identitiesonly no
securitykeyprovider internal
hostkeyalgorithms ssh-ed25519-cert-v01@openssh.com,rsa-sha2-512-cert-v01@openssh.com,ssh-ed25519,rsa-sha2-512
globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2
`;

describe('featuresAsked', () => {
  it('is nothing where ssh has its defaults, and where ssh_config says nothing', () => {
    expect(asked(DEFAULTS)).toEqual([]);
    expect(asked('')).toEqual([]);
  });

  it.each([
    ['proxycommand nc %h %p', 'ProxyCommand'],
    ['certificatefile ~/.ssh/web-cert.pub', 'CertificateFile'],
    ['gssapiauthentication yes', 'GSSAPIAuthentication'],
    ['hostbasedauthentication yes', 'HostbasedAuthentication'],
    ['pkcs11provider /usr/lib/opensc-pkcs11.so', 'PKCS11Provider'],
    ['securitykeyprovider /usr/lib/libsk.so', 'SecurityKeyProvider'],
    ['identityagent /run/user/1000/other.sock', 'IdentityAgent'],
    ['knownhostscommand /usr/bin/known %H', 'KnownHostsCommand'],
    ['hostkeyalgorithms ssh-ed25519-cert-v01@openssh.com', 'HostKeyAlgorithms'],
  ])('of ssh_config: %s', (line, feature) => expect(asked(line)).toEqual([feature]));

  it.each([
    'proxycommand none',
    'certificatefile none',
    'pkcs11provider none',
    'identityagent none',
    'identityagent SSH_AUTH_SOCK',
    'knownhostscommand none',
  ])('not: %s', (line) => expect(asked(line)).toEqual([]));

  it('of the keys: certificates, and those that need a touch', () => {
    expect(asked('', { files: ['ssh-ed25519', CERTIFICATE] })).toEqual(['-cert.pub']);
    expect(asked('', { agent: [CERTIFICATE] })).toEqual(['ssh-agent certificate']);
    expect(asked('', { files: [FIDO] })).toEqual(['FIDO']);
    expect(asked('', { agent: ['sk-ecdsa-sha2-nistp256@openssh.com'] })).toEqual(['FIDO']);
    expect(asked('', { agent: ['sk-ssh-ed25519-cert-v01@openssh.com'] })).toEqual(['ssh-agent certificate', 'FIDO']);
  });

  it('not of what the agent holds where only the files are offered', () => {
    expect(asked('identitiesonly yes', { agent: [CERTIFICATE, FIDO] })).toEqual([]);
    expect(asked('identitiesonly yes', { files: [FIDO] })).toEqual(['FIDO']);
  });

  it('of who vouches for the host', () => {
    expect(asked('', {}, { authority: true })).toEqual(['@cert-authority']);
    expect(asked('', {}, { files: ['/home/ann/.tsh/known_hosts'] })).toEqual(['UserKnownHostsFile']);
  });
});
