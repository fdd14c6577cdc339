/** The key that this process signs records of the audit trail with. */
import { createSigner, createTextCheck, type Signer } from '#change/witness.ts';
import type { Config } from '#config.ts';
import type { Secrets } from '#secrets.ts';
import type { Witness } from '#store/audit-trail.ts';
import { reasonOf, ServeError } from './serve-error.ts';

/** Undefined where records are not signed. Throws a ServeError when they must be and the key is missing or another one. */
export function openWitness(
  { signers }: Pick<Config['changes']['audit'], 'signers'>,
  { AUDIT_KEY: key }: Pick<Secrets, 'AUDIT_KEY'>,
): Witness | undefined {
  if (signers.length === 0) return undefined;
  if (key === undefined)
    throw new ServeError(
      'changes.audit.signers wants signed records: set AUDIT_KEY_FILE to the file with the private key.',
    );
  const { sign, publicKey } = signerOf(key);
  if (!signers.includes(publicKey))
    throw new ServeError(`AUDIT_KEY is not one of changes.audit.signers. Its public key is ${publicKey}.`);
  return { sign, isSigned: createTextCheck(signers) };
}

function signerOf(key: string): Signer {
  try {
    return createSigner(key);
  } catch (cause) {
    throw new ServeError(`AUDIT_KEY is no Ed25519 key in PEM: ${reasonOf(cause)}.`, { cause });
  }
}
