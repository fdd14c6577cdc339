import { expect, it } from 'vitest';
import { isSigned, makeApproverKey, signApproval } from './signature.ts';

const TEXT = 'tcp-oncall change\t2\nchange\taaaaaaaa\n';

it('is good for one text and one key', () => {
  const [mine, theirs] = [makeApproverKey(), makeApproverKey()];
  const signature = signApproval(TEXT, mine.privateKey);
  expect(isSigned(TEXT, signature, mine.publicKey)).toBe(true);
  expect(isSigned(TEXT.replace('aaaaaaaa', 'bbbbbbbb'), signature, mine.publicKey)).toBe(false);
  expect(isSigned(TEXT.slice(0, -1), signature, mine.publicKey)).toBe(false);
  expect(isSigned(TEXT, signature, theirs.publicKey)).toBe(false);
  for (const garbage of ['', 'x', '====']) {
    expect(isSigned(TEXT, garbage, mine.publicKey)).toBe(false);
    expect(isSigned(TEXT, signature, garbage)).toBe(false);
  }
});

it('has a public key as the configuration takes it', () => {
  expect(makeApproverKey().publicKey).toMatch(/^[A-Za-z0-9+/]{59}=$/);
});
