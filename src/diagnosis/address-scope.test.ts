import { describe, expect, it } from 'vitest';
import { addressScope, crossesNat } from './address-scope.ts';

describe('addressScope', () => {
  it.each([
    ['10.0.0.5', 'private'],
    ['172.15.0.1', 'public'],
    ['172.16.0.1', 'private'],
    ['172.31.255.1', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.63.0.1', 'public'],
    ['100.64.0.1', 'private'],
    ['100.128.0.1', 'public'],
    ['203.0.113.9', 'public'],
    ['127.0.0.1', 'other'],
    ['169.254.169.254', 'other'],
    ['224.0.0.1', 'other'],
    ['fd00::5', 'private'],
    ['fe80::1', 'other'],
    ['::1', 'other'],
    ['2001:db8::1', 'public'],
    ['*', 'other'],
  ])('%s is %s', (address, scope) => expect(addressScope(address)).toBe(scope));
});

describe('crossesNat', () => {
  it('is sure of a private source and a public destination only', () => {
    expect(crossesNat('10.0.0.11', '203.0.113.9')).toBe(true);
    expect(crossesNat('10.0.0.11', '10.0.0.5')).toBe(false);
    expect(crossesNat('203.0.113.1', '203.0.113.9')).toBe(false);
    expect(crossesNat('127.0.0.1', '203.0.113.9')).toBe(false);
  });
});
