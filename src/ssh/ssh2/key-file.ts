/** One identity file: a usable key, or one finished reason why not. */
import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';

export type Identity =
  | { readonly kind: 'usable'; readonly file: string; readonly key: ParsedKey }
  /** `publicKey` is its public half when the file tells, so that an agent that holds it can be asked instead. */
  | { readonly kind: 'locked'; readonly file: string; readonly publicKey: Buffer | undefined; readonly text: string }
  | { readonly kind: 'public'; readonly file: string; readonly publicKey: Buffer }
  | { readonly kind: 'unusable'; readonly file: string; readonly why: string };

export async function readIdentity(file: string): Promise<Identity> {
  try {
    return parseIdentity(file, await readFile(file, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be read (${String(code ?? error)})`;
    return { kind: 'unusable', file, why };
  }
}

/** Pure. Without a passphrase an encrypted key is `locked`; with a wrong one it is `unusable`. */
export function parseIdentity(file: string, text: string, passphrase?: string): Identity {
  const key = ssh2.utils.parseKey(text, passphrase);
  if (key instanceof Error) {
    if (passphrase !== undefined) return { kind: 'unusable', file, why: `the passphrase does not open ${file}` };
    if (/encrypted/i.test(key.message)) return { kind: 'locked', file, publicKey: embeddedPublicKey(text), text };
    return { kind: 'unusable', file, why: `${file} holds no key that can be used here (${reason(key)})` };
  }
  return key.isPrivateKey() ? { kind: 'usable', file, key } : { kind: 'public', file, publicKey: key.getPublicSSH() };
}

/** ssh2's messages name formats, never contents. */
function reason({ message }: Error): string {
  return message.replace(/\.$/, '').slice(0, 120);
}

const MAGIC = 'openssh-key-v1\0';

/** The public key stands in clear before the encrypted part: OpenSSH's PROTOCOL.key. */
export function embeddedPublicKey(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  const bytes = Buffer.from(body ?? '', 'base64');
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  let at = MAGIC.length;
  // Cipher, key derivation, its options; then the number of keys.
  for (let field = 0; field < 3; field++) at += 4 + (at + 4 <= bytes.length ? bytes.readUInt32BE(at) : bytes.length);
  at += 4;
  if (at + 4 > bytes.length) return undefined;
  const length = bytes.readUInt32BE(at);
  return at + 4 + length <= bytes.length ? bytes.subarray(at + 4, at + 4 + length) : undefined;
}
