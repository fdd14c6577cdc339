import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainWords } from './plain-words.ts';

describe('plainWords', () => {
  it.each([
    ['nc -x proxy:1080 host 22', ['nc', '-x', 'proxy:1080', 'host', '22']],
    [
      'exec cloudflared access ssh --hostname a.example.com',
      'cloudflared access ssh --hostname a.example.com'.split(' '),
    ],
    [
      `aws ssm start-session --parameters 'portNumber=22'`,
      ['aws', 'ssm', 'start-session', '--parameters', 'portNumber=22'],
    ],
    [`"/opt/my tools/tunnel" ''`, ['/opt/my tools/tunnel', '']],
    ['  a\t b ', ['a', 'b']],
    [`a b'c'"d"e#f`, ['a', 'bcde#f']],
  ])('%s', (line, words) => expect(plainWords(line)).toEqual(words));

  it.each([
    'nc $PROXY 22',
    'a | b',
    'a; b',
    'a && b',
    'a > /dev/null',
    'a `b`',
    '"$HOME/tunnel"',
    '~/bin/tunnel x',
    'nc *',
    'X=1 tunnel',
    "exec 'X=1'",
    'a \\$x',
    'a # b',
    "a 'b",
    'a\nb',
    'exec -a x y',
    '{a,b}',
    '(a)',
    'é',
  ])('leaves to a shell: %s', (line) => expect(plainWords(line)).toBeUndefined());

  it('understands what it takes as a shell does', () => {
    const piece = fc.constantFrom(...`abZ09 \t'"=~#/.:,@%+^-_!$\`\\*?[]{}()<>|&;\n`.split(''));
    const line = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => `p ${pieces.join('')}`);
    const taken: (readonly string[])[] = [];
    const lines: string[] = [];
    fc.assert(
      fc.property(line, (text) => {
        const words = plainWords(text);
        if (words === undefined) return;
        lines.push(text);
        taken.push(words);
      }),
      { numRuns: 2000 },
    );
    // One shell for all: each line's words, each ended by \x01, and each line by \x02.
    const show = `p() { printf '%s\\001' p "$@"; printf '\\002'; }\n`;
    const { stdout } = spawnSync('/bin/sh', ['-c', `${show}${lines.join('\n')}`], { encoding: 'utf8' });
    expect(taken.length).toBeGreaterThan(100);
    expect(stdout.split('\u0002').slice(0, -1)).toEqual(
      taken.map((words) => words.map((word) => `${word}\u0001`).join('')),
    );
  });
});
