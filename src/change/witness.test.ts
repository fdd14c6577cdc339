import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AuditEntry, type AuditRecord, chain, createVerifier, NOTHING_YET } from './audit.ts';
import { makeApproverKey } from './signature.ts';
import { createRecordCheck, createSigner, createTextCheck } from './witness.ts';

const [bot, approver, thief] = [makeApproverKey(), makeApproverKey(), makeApproverKey()];
const ENTRY: AuditEntry = {
  at: '2026-11-27T03:04:05.000Z',
  change: 'aaaaaaaa',
  host: 'web-01',
  event: 'applied',
  from: 'applying',
  to: 'on-trial',
  actor: null,
  hash: 'f'.repeat(64),
  details: {},
};
const BY_BOB = { ...ENTRY, event: 'approve', actor: { surface: 'slack', id: 'U0BOB' } } as const;

type Signing = readonly [entry: AuditEntry, privateKey: string | undefined];

function trail(...all: readonly Signing[]): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  for (const [entry, key] of all)
    records.push(chain(entry, records.at(-1) ?? NOTHING_YET, key === undefined ? undefined : createSigner(key).sign));
  return records;
}

function verify(records: readonly AuditRecord[], since = 1) {
  const signers = { keys: [bot.publicKey], since, approvers: new Map([['U0BOB', approver.publicKey]]) };
  const verifier = createVerifier(createRecordCheck(signers));
  for (const record of records) verifier.take(record);
  return verifier.result(records.at(-1) ?? NOTHING_YET).broken;
}

describe('a signed trail', () => {
  it('holds when each record is signed by the bot, or by the approver who did what it says', () => {
    const deeds = ['approve', 'freeze'].map((event) => [{ ...BY_BOB, event }, approver.privateKey] as const);
    expect(verify(trail([ENTRY, bot.privateKey], ...deeds, [ENTRY, bot.privateKey]))).toBeNull();
  });

  it.each<[string, Signing]>([
    ['not signed at all', [ENTRY, undefined]],
    ['signed by a key that is not configured', [ENTRY, thief.privateKey]],
    ['of what nobody did, signed by an approver', [ENTRY, approver.privateKey]],
    ['of what a worker did for an approver, signed by that one', [{ ...BY_BOB, event: 'kept' }, approver.privateKey]],
    [
      'of the approval by somebody else',
      [{ ...BY_BOB, actor: { surface: 'slack', id: 'U0EVE' } }, approver.privateKey],
    ],
  ])('breaks at a record that is %s, though the chain is right', (_, forged) => {
    expect(verify(trail([ENTRY, bot.privateKey], forged))).toEqual({ seq: 2, why: 'unsigned' });
  });

  it('may have begun unsigned, up to where signing began', () => {
    const records = trail([ENTRY, undefined], [ENTRY, undefined], [ENTRY, bot.privateKey]);
    expect(verify(records, 3)).toBeNull();
    expect(verify(records, 2)).toEqual({ seq: 2, why: 'unsigned' });
  });

  it('breaks at a signature of another record', () => {
    const [first, second] = trail([ENTRY, bot.privateKey], [ENTRY, bot.privateKey]);
    expect(verify([first, { ...second, sig: first?.sig }] as readonly AuditRecord[])).toEqual({
      seq: 2,
      why: 'unsigned',
    });
  });
});

it('checks texts whatever the signature and the keys are', () => {
  const other = generateKeyPairSync('x25519').publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const isSigned = createTextCheck([other, bot.publicKey, 'no key']);
  expect(isSigned('posted 3', createSigner(bot.privateKey).sign('posted 3'))).toBe(true);
  for (const signature of ['', '!', createSigner(bot.privateKey).sign('posted 4')])
    expect(isSigned('posted 3', signature)).toBe(false);
});

it('signs with Ed25519 keys alone', () => {
  expect(() => createSigner('no key')).toThrow();
});
