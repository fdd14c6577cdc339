/** Which features beyond ssh2 a host asks for, by what ssh_config says, by the keys there are, and by who vouches for it. Pure. */
import type { Feature } from '#domain/feature.ts';

/** The values of a keyword of ssh_config(5), in lower case, as `ssh -G` prints them; none when it is not said. */
export type Say = (keyword: string) => readonly string[];

/** Types of public keys and certificates: `ssh-ed25519`, `sk-ssh-ed25519@openssh.com`, `ssh-ed25519-cert-v01@openssh.com`. */
export interface KeyTypes {
  /** Of the identity files, and of the certificates beside them. */
  readonly files: readonly string[];
  /** Of what the ssh-agent holds. */
  readonly agent: readonly string[];
}

export interface KnownBy {
  /** A known_hosts file that is read has an authority for this host. */
  readonly authority: boolean;
  /** Files of known hosts that ssh_config names and that are not read otherwise. */
  readonly files: readonly string[];
}

export function featuresAsked(say: Say, { files, agent }: KeyTypes, known: KnownBy): readonly Feature[] {
  const is = (keyword: string, value: string) => say(keyword)[0]?.toLowerCase() === value;
  const names = (keyword: string) => (say(keyword)[0] ?? 'none') !== 'none';
  // With it, ssh offers nothing but the files, by the agent or not.
  const held = is('identitiesonly', 'yes') ? [] : agent;
  const asked: Readonly<Record<Feature, boolean>> = {
    ProxyCommand: names('proxycommand'),
    CertificateFile: say('certificatefile').some((file) => file !== 'none'),
    '-cert.pub': files.some(isCertificate),
    'ssh-agent certificate': held.some(isCertificate),
    FIDO: [...files, ...held].some((type) => type.startsWith('sk-')),
    '@cert-authority': known.authority,
    GSSAPIAuthentication: is('gssapiauthentication', 'yes'),
    HostbasedAuthentication: is('hostbasedauthentication', 'yes'),
    PKCS11Provider: names('pkcs11provider'),
    SecurityKeyProvider: names('securitykeyprovider') && !is('securitykeyprovider', 'internal'),
    IdentityAgent: names('identityagent') && say('identityagent')[0] !== 'SSH_AUTH_SOCK',
    KnownHostsCommand: names('knownhostscommand'),
    UserKnownHostsFile: known.files.length > 0,
    HostKeyAlgorithms: onlyCertificates(say('hostkeyalgorithms')[0]),
  };
  return (Object.keys(asked) as Feature[]).filter((feature) => asked[feature]);
}

/** PROTOCOL.certkeys of OpenSSH. */
function isCertificate(type: string): boolean {
  return type.includes('-cert-v');
}

/** ssh2 proves no host by a certificate. */
function onlyCertificates(algorithms: string | undefined): boolean {
  return algorithms?.split(',').every(isCertificate) ?? false;
}
