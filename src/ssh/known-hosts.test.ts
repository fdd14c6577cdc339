import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeHostKey, keysListed } from './host-key.ts';
import { isListed, type KnownKey, lookupName, parseKnownHosts } from './known-hosts.ts';

function blob(type: string, seed: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(seed)]);
}

function parsed(text: string): readonly KnownKey[] {
  const known = parseKnownHosts(text, 'kh');
  if (known.kind === 'unreadable') throw new Error(known.why);
  return known.keys;
}

const ed = blob('ssh-ed25519', 'one');
const line = (hosts: string, key = ed, type = 'ssh-ed25519') => `${hosts} ${type} ${key.toString('base64')}`;
const listed = (hosts: string, name: string) => parsed(line(hosts)).some((key) => isListed(key, name));

describe('parseKnownHosts', () => {
  it('reads markers, comments after the key, tabs and carriage returns', () => {
    const text = [
      '# c',
      '',
      `a\t ssh-ed25519\t${ed.toString('base64')} ann@home\r`,
      `@revoked ${line('b')}`,
      `@cert-authority ${line('c')}`,
    ].join('\n');
    expect(parsed(text).map(({ use, hosts, at }) => [use, hosts, at])).toEqual([
      ['trusted', 'a', 'kh:3'],
      ['revoked', 'b', 'kh:4'],
      ['authority', 'c', 'kh:5'],
    ]);
  });

  it.each([
    'a',
    'a ssh-ed25519',
    'a ssh-ed25519 %%%',
    `a ssh-rsa ${ed.toString('base64')}`,
    `@unknown ${line('a')}`,
    'a 1024 35 123456789',
  ])('takes no key from %j', (text) => expect(parsed(text)).toEqual([]));

  it('stops at a revocation it cannot read', () => {
    expect(parseKnownHosts('\n@revoked * ssh-ed25519 x', 'kh')).toEqual({
      kind: 'unreadable',
      why: 'kh line 2 revokes a key that cannot be read',
    });
  });

  it('never throws, and gives only keys whose type is the one they carry', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(' ', '\n', '@revoked', '|1|', '|', '*', '!', ed.toString('base64'), 'ssh-ed25519'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.string(), (pieces, name) => {
        const known = parseKnownHosts(pieces.join(''), 'kh');
        if (known.kind === 'known') for (const key of known.keys) isListed(key, name);
      }),
    );
  });
});

describe('isListed', () => {
  it.each([
    ['web-01', 'web-01', true],
    ['WEB-01', 'web-01', true],
    ['web-01,10.0.0.1', '10.0.0.1', true],
    ['web-0', 'web-01', false],
    ['web-?1', 'web-01', true],
    ['*.lab', 'a.b.lab', true],
    ['*.lab,!b.lab', 'b.lab', false],
    ['!b.lab', 'a.lab', false],
    ['[web-01]:2222', '[web-01]:2222', true],
    ['[web-01]:2222', 'web-01', false],
    ['web-01', '[web-01]:2222', false],
    ['web.01', 'webx01', false],
  ])('%s lists %s: %s', (hosts, name, expected) => expect(listed(hosts, name)).toBe(expected));

  it('finds hashed names, and only those', () => {
    fc.assert(
      fc.property(fc.domain(), fc.domain(), (name, other) => {
        const salt = randomBytes(20);
        const hosts = `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
        expect(listed(hosts, name)).toBe(true);
        expect(listed(hosts, other)).toBe(other === name);
      }),
    );
  });

  it.each(['|1|', '|2|YQ==|YQ==', '|1|YQ==', '||', '|1||'])('lists nothing by the garbled hash %s', (hosts) =>
    expect(listed(hosts, 'web-01')).toBe(false),
  );

  it('is not slow on a hostile pattern', () => {
    const began = performance.now();
    expect(listed(`${'*a'.repeat(40)}b`, 'a'.repeat(4000))).toBe(false);
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe('lookupName', () => {
  it.each([
    [{ address: 'Web-01.Example.com', port: 22 }, 'web-01.example.com'],
    [{ address: 'fd00::1', port: 2222 }, '[fd00::1]:2222'],
    [{ address: '10.0.0.1', port: 2222, hostKeyAlias: 'Web' }, 'web'],
  ])('%j: %s', (host, name) => expect(lookupName(host)).toBe(name));
});

describe('judgeHostKey', () => {
  const other = blob('ssh-ed25519', 'two');
  const rsa = blob('ssh-rsa', 'r');
  const judge = (text: string, key: Buffer) => judgeHostKey(keysListed(parsed(text), 'h'), key);

  it.each([
    ['trusts the key', line('h'), ed, { kind: 'trusted' }],
    ['trusts one of two', `${line('h', other)}\n${line('h')}`, ed, { kind: 'trusted' }],
    ['does not know the host', line('i'), ed, { kind: 'unknown' }],
    [
      'sees a change, at the line of the same type',
      `${line('h', rsa, 'ssh-rsa')}\n${line('h')}`,
      other,
      { kind: 'changed', knownAt: 'kh:2' },
    ],
    ['sees a key of a type it did not know', line('h'), rsa, { kind: 'changed', knownAt: 'kh:1' }],
    ['lets a revocation win', `${line('h')}\n@revoked ${line('*')}`, ed, { kind: 'revoked', knownAt: 'kh:2' }],
    ['minds no revocation for others', `${line('h')}\n@revoked ${line('i')}`, ed, { kind: 'trusted' }],
    ['trusts no authority', `@cert-authority ${line('h')}`, ed, { kind: 'unknown' }],
  ])('%s', (_, text, key, verdict) => expect(judge(text, key)).toEqual(verdict));

  it('trusts nothing but a key that is listed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }),
        fc.string({ minLength: 1 }),
        (seeds, offered) => {
          const text = seeds.map((seed) => line('h', blob('ssh-ed25519', seed))).join('\n');
          expect(judge(text, blob('ssh-ed25519', offered)).kind === 'trusted').toBe(seeds.includes(offered));
        },
      ),
    );
  });
});
