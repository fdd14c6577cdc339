import { expect, it } from 'vitest';
import type { ChangeId } from '#domain/change.ts';
import { isSigned, makeApproverKey, signApproval } from './signature.ts';

const [ID, HASH] = ['aaaaaaaa' as ChangeId, 'f'.repeat(64)];

it('is good for one change, one plan and one key', () => {
  const [mine, theirs] = [makeApproverKey(), makeApproverKey()];
  const signature = signApproval(ID, HASH, mine.privateKey);
  expect(isSigned(ID, HASH, signature, mine.publicKey)).toBe(true);
  expect(isSigned('bbbbbbbb' as ChangeId, HASH, signature, mine.publicKey)).toBe(false);
  expect(isSigned(ID, 'e'.repeat(64), signature, mine.publicKey)).toBe(false);
  expect(isSigned(ID, HASH, signature, theirs.publicKey)).toBe(false);
  for (const garbage of ['', 'x', '====']) {
    expect(isSigned(ID, HASH, garbage, mine.publicKey)).toBe(false);
    expect(isSigned(ID, HASH, signature, garbage)).toBe(false);
  }
});

it('has a public key as the configuration takes it', () => {
  expect(makeApproverKey().publicKey).toMatch(/^[A-Za-z0-9+/]{59}=$/);
});
