/** Reads known_hosts files. Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
import { createHmac } from 'node:crypto';
import { matchesPatternList } from '#domain/pattern.ts';

export interface KnownKey {
  readonly use: 'trusted' | 'revoked' | 'authority';
  /** The first field: comma-separated patterns, or `|1|salt|hash`. */
  readonly hosts: string;
  readonly type: string;
  /** The public key's blob. */
  readonly key: Buffer;
  /** `file:line`, for people. */
  readonly at: string;
}

export type KnownHosts =
  | { readonly kind: 'known'; readonly keys: readonly KnownKey[] }
  | { readonly kind: 'unreadable'; readonly why: string };

const USES: Readonly<Record<string, KnownKey['use']>> = { '@revoked': 'revoked', '@cert-authority': 'authority' };

/** A line that cannot be read adds no trust and is passed over; a revocation that cannot be read must not be. */
export function parseKnownHosts(text: string, file: string): KnownHosts {
  const keys: KnownKey[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/[ \t]+/);
    if (words[0] === '' || words[0]?.startsWith('#')) continue;
    const key = parseLine(words, `${file}:${index + 1}`);
    if (key !== undefined) keys.push(key);
    else if (words[0] === '@revoked') {
      return { kind: 'unreadable', why: `${file} line ${index + 1} revokes a key that cannot be read` };
    }
  }
  return { kind: 'known', keys };
}

function parseLine(words: readonly string[], at: string): KnownKey | undefined {
  const marked = words[0]?.startsWith('@') === true;
  const use = marked ? USES[words[0] ?? ''] : 'trusted';
  const [hosts, type, base64] = marked ? words.slice(1) : words;
  if (use === undefined || hosts === undefined || type === undefined || base64 === undefined) return undefined;
  const key = Buffer.from(base64, 'base64');
  return keyType(key) === type ? { use, hosts, type, key, at } : undefined;
}

/** The name a public key's blob begins with (RFC 4253, section 6.6); undefined when it is no key. */
export function keyType(blob: Buffer): string | undefined {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return length > 0 && blob.length > 4 + length ? blob.toString('latin1', 4, 4 + length) : undefined;
}

/** `name` as lookupName() gives it. */
export function isListed({ hosts }: KnownKey, name: string): boolean {
  if (!hosts.startsWith('|')) return matchesPatternList(hosts.toLowerCase().split(','), name);
  const [, version, salt, hash] = hosts.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** The name ssh looks a host up by: an alias as it is, else the address, in brackets with a port that is not 22. */
export function lookupName(host: {
  readonly address: string;
  readonly port: number;
  readonly hostKeyAlias?: string;
}): string {
  const { address, port, hostKeyAlias } = host;
  if (hostKeyAlias !== undefined) return hostKeyAlias.toLowerCase();
  return port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;
}
