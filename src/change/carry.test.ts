import { describe, expect, it } from 'vitest';
import { listedFiles } from './carry.ts';

const SHA = 'a'.repeat(64);
const MANIFEST = { from: '.x/1/out/manifest', to: '.x/1/in/manifest', sha256: 'b'.repeat(64), mostBytes: 65_536 };
const listed = (...lines: readonly string[]) =>
  listedFiles(`x\t1\n${lines.map((line) => `${line}\n`).join('')}end\n`, MANIFEST);

describe('the files that a manifest names', () => {
  it('are beside it on both hosts, of the size and hash that it says', () => {
    expect(listed(`file\t${SHA}\t2110000\tlinux-image-6.1.192-tw15-abcdefgh_6.1.192-1_amd64.deb`)).toEqual([
      {
        from: '.x/1/out/linux-image-6.1.192-tw15-abcdefgh_6.1.192-1_amd64.deb',
        to: '.x/1/in/linux-image-6.1.192-tw15-abcdefgh_6.1.192-1_amd64.deb',
        sha256: SHA,
        mostBytes: 2_110_000,
      },
    ]);
  });

  it.each([
    ['none', []],
    ['one in another directory', [`file\t${SHA}\t1\t../etc/passwd`]],
    ['one that begins with a dot', [`file\t${SHA}\t1\t.bashrc`]],
    ['one of too many bytes', [`file\t${SHA}\t99999999999\tx.deb`]],
    ['one without a hash', ['file\t-\t1\tx.deb']],
    ['more than a kernel has', Array.from({ length: 21 }, (_, at) => `file\t${SHA}\t1\t${at}.deb`)],
    ['a good one and another', [`file\t${SHA}\t1\tx.deb`, `file\t${SHA}\t1\ta/b`]],
  ])('are nothing where it names %s', (_what, lines) => {
    expect(listed(...lines)).toBeUndefined();
  });
});
