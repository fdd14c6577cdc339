/** An authority that signs keys of people and of hosts: OpenSSH's certificates, ssh-keygen(1). */
import { join } from 'node:path';
import { must } from './command.ts';
import { makeKey, publicHalf } from './local-sshd.ts';

export interface Certificate {
  /** The key's file, without .pub; its certificate is written beside it. */
  readonly key: string;
  /** Accounts or hosts that it is for. */
  readonly principals: readonly string[];
  readonly of: 'user' | 'host';
  /** As ssh-keygen -V has it; for an hour when it is not given. */
  readonly valid?: string;
}

export interface Authority {
  /** Its public key's file, as TrustedUserCAKeys names it. */
  readonly file: string;
  /** `type base64`, as known_hosts has it behind @cert-authority and names. */
  readonly publicKey: string;
  /** Resolves with the certificate's file. */
  readonly certify: (certificate: Certificate) => Promise<string>;
}

export async function makeAuthority(dir: string, name: string): Promise<Authority> {
  const key = join(dir, name);
  await makeKey(key);
  return {
    file: `${key}.pub`,
    publicKey: await publicHalf(key),
    async certify({ key: certified, principals, of, valid = '-1m:+1h' }) {
      const kind = of === 'host' ? ['-h'] : [];
      await must([
        'ssh-keygen',
        '-q',
        '-s',
        key,
        '-I',
        name,
        ...kind,
        '-n',
        principals.join(','),
        '-V',
        valid,
        `${certified}.pub`,
      ]);
      return `${certified}-cert.pub`;
    },
  };
}
