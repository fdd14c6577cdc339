/** A witness of the audit trail: its records are signed with a key that Redis does not have, so who owns Redis cannot write one. Ed25519. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { AuditRecord } from './audit.ts';
import { readPublicKey } from './signature.ts';

/** Base64, of a record's digest or of another short text. */
export type Sign = (text: string) => string;

/** Who may sign, as public keys: SPKI, base64. */
export interface Signers {
  readonly keys: readonly string[];
  /** The first record that must be signed. */
  readonly since: number;
  /** Keys of approvers by Slack user id: each may sign records of what they did themselves, and nothing else. */
  readonly approvers: ReadonlyMap<string, string>;
}

export interface Signer {
  readonly sign: Sign;
  readonly publicKey: string;
}

/** `privateKey` in PEM. Throws when it is no Ed25519 key. */
export function createSigner(privateKey: string): Signer {
  const key = createPrivateKey(privateKey);
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('The key is not an Ed25519 key.');
  return {
    sign: (text) => sign(null, signedText(text), key).toString('base64'),
    publicKey: createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64'),
  };
}

/** Whether one of the keys signed this text. Never throws. */
export function createTextCheck(keys: readonly string[]): (text: string, signature: string) => boolean {
  const known = keys.map(readPublicKey).filter((key) => key !== undefined);
  return (text, signature) =>
    known.some((key) => verify(null, signedText(text), key, Buffer.from(signature, 'base64')));
}

/** What people do; of all else a worker writes the record. */
const DEEDS = ['propose', 'supersede', 'approve', 'deny', 'withdraw', 'wish', 'abandon', 'freeze', 'thaw', 'unlock'];

/** Whether a record is signed by somebody who may, or is older than the signers. */
export function createRecordCheck({ keys, since, approvers }: Signers): (record: AuditRecord) => boolean {
  const isSigners = createTextCheck(keys);
  const own = new Map([...approvers].map(([user, key]) => [user, createTextCheck([key])]));
  return ({ seq, digest, sig, event, actor }) => {
    if (seq < since) return true;
    if (sig === undefined) return false;
    const approver = DEEDS.includes(event) && actor !== null ? own.get(actor.id) : undefined;
    return isSigners(digest, sig) || (approver?.(digest, sig) ?? false);
  };
}

function signedText(text: string): Buffer {
  return Buffer.from(`tcp-oncall audit 1\n${text}\n`);
}
