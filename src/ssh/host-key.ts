/** Judges the key a host offers by the keys known for it. Pure. */
import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { OfferedHostKey } from '#app/ports.ts';
import { isListed, type KnownKey, keyType } from './known-hosts.ts';

/** Signature algorithms by the key type they need, most wanted first; ssh-rsa alone means SHA-1 and stays out. */
const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

export const KEY_TYPES: readonly string[] = Object.keys(ALGORITHMS);

export function keysListed(keys: readonly KnownKey[], name: string): readonly KnownKey[] {
  return keys.filter((known) => isListed(known, name));
}

/** `listed` are the keys known for this host, revoked ones too; those of authorities count for nothing here. */
export function judgeHostKey(listed: readonly KnownKey[], offered: Buffer): OfferedHostKey['standing'] {
  const revoked = listed.find(({ use, key }) => use === 'revoked' && key.equals(offered));
  if (revoked !== undefined) return { kind: 'revoked', knownAt: revoked.at };
  const trusted = listed.filter(({ use }) => use === 'trusted');
  if (trusted.some(({ key }) => key.equals(offered))) return { kind: 'trusted' };
  const type = keyType(offered);
  const instead = trusted.find((known) => known.type === type) ?? trusted[0];
  return instead === undefined ? { kind: 'unknown' } : { kind: 'changed', knownAt: instead.at };
}

/**
 * The algorithms to offer, those of the known keys first: the first that both sides have is used (RFC 4253, section
 * 7.1), so a host known by its RSA key shows that one, and not the Ed25519 key it also has. The rest follow so that a
 * host without the known key shows another one, which is judged as changed and can be named.
 */
export function algorithmsFor(listed: readonly KnownKey[]): ServerHostKeyAlgorithm[] {
  const known = new Set(listed.filter(({ use }) => use === 'trusted').map(({ type }) => type));
  const types = [...KEY_TYPES.filter((type) => known.has(type)), ...KEY_TYPES.filter((type) => !known.has(type))];
  return types.flatMap((type) => ALGORITHMS[type] ?? []);
}

export function algorithmsOfType(type: string): ServerHostKeyAlgorithm[] {
  return [...(ALGORITHMS[type] ?? [])];
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
