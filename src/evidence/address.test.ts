import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, fromProcNetTcp, splitEndpoint } from './address.ts';

describe('canonicalAddress', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['[::ffff:10.0.0.1]', '10.0.0.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['fd00:0000:0000:0000:0000:0000:0000:0005', 'fd00::5'],
    ['[fe80::1]%eth0', 'fe80::1'],
    ['nonsense:', 'nonsense:'],
    [']%', ''],
  ])('%s is %s', (text, address) => expect(canonicalAddress(text)).toBe(address));

  it('never throws and is stable', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.ipV6(), fc.ipV4()),
        (text) => canonicalAddress(canonicalAddress(text)) === canonicalAddress(text),
      ),
    );
  });
});

describe('splitEndpoint', () => {
  it.each([
    [':::22', '*', '22'],
    ['*:22', '*', '22'],
    ['[::]:80', '*', '80'],
    ['::ffff:10.0.0.1:80', '10.0.0.1', '80'],
    ['[fd00::1]:8080', 'fd00::1', '8080'],
  ])('%s is %s and %s', (text, address, port) => expect(splitEndpoint(text)).toEqual({ address, port }));
});

describe('fromProcNetTcp', () => {
  it('knows the byte order of the host', () => {
    expect(fromProcNetTcp('0100007F:1F90', true)).toEqual({ address: '127.0.0.1', port: 8080 });
    expect(fromProcNetTcp('7F000001:1F90', false)).toEqual({ address: '127.0.0.1', port: 8080 });
    expect(fromProcNetTcp('000000FD000000000000000005000000:0050', true)).toEqual({ address: 'fd00::5', port: 80 });
    expect(fromProcNetTcp('0000000000000000FFFF00000100000A:0050', true)).toEqual({ address: '10.0.0.1', port: 80 });
  });

  it('refuses what is no such address', () => expect(fromProcNetTcp('0100007F', true)).toBeUndefined());
});
