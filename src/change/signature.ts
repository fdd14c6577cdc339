/** Approvals given outside Slack: signed with a key that only the approver's machine has. Ed25519. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';

/** Of a bound text. `privateKey` in PEM. Base64. Throws when it is no Ed25519 key. */
export function signApproval(text: string, privateKey: string): string {
  return sign(null, Buffer.from(text), createPrivateKey(privateKey)).toString('base64');
}

/** `publicKey` as the configuration has it: SPKI, base64. Never throws. */
export function isSigned(text: string, signature: string, publicKey: string): boolean {
  const key = readPublicKey(publicKey);
  return key !== undefined && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

/** `text` as the configuration has it: SPKI, base64. Undefined when it is no Ed25519 key. */
export function readPublicKey(text: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

export interface ApproverKey {
  /** PEM, for the approver alone. */
  readonly privateKey: string;
  /** For the configuration. */
  readonly publicKey: string;
}

export function makeApproverKey(): ApproverKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  };
}
