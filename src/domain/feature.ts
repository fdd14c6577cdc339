/** What a host's configuration can ask for that ssh2 does not have and OpenSSH's ssh does: named as people know it, in every language. */

export type Feature =
  /** ssh2 has none either, but we run the command for it. */
  | 'ProxyCommand'
  | 'CertificateFile'
  /** Beside an identity file, where ssh finds it by itself. */
  | '-cert.pub'
  | 'ssh-agent certificate'
  /** A key of type sk-*. */
  | 'FIDO'
  | '@cert-authority'
  | 'GSSAPIAuthentication'
  | 'HostbasedAuthentication'
  | 'PKCS11Provider'
  | 'SecurityKeyProvider'
  | 'IdentityAgent'
  | 'KnownHostsCommand'
  | 'UserKnownHostsFile'
  | 'HostKeyAlgorithms';

/** Without a program ssh, ssh2 can still do what only these ask for. */
export function ssh2Manages(features: readonly Feature[]): boolean {
  return features.every((feature) => feature === 'ProxyCommand');
}
