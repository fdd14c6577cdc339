import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { wrap, wrapLines } from './wrap.ts';

describe('wrap', () => {
  it('breaks English between words', () => {
    expect(wrap('Keep connections to 10.0.0.5:3306 open and reuse them.', 24)).toEqual([
      'Keep connections to',
      '10.0.0.5:3306 open and',
      'reuse them.',
    ]);
  });

  it('never starts a Japanese line with 。 or 、 and keeps addresses whole', () => {
    const text = '10.0.0.5:3306 への接続を使い回す（keep-alive、コネクションプール）。上限は毎秒 470 本です。';
    for (let width = 18; width < 70; width += 1) {
      const lines = wrap(text, width);
      expect(lines.filter((line) => /^[、。）]/.test(line))).toEqual([]);
      expect(lines.join('\n')).toContain('10.0.0.5:3306');
    }
  });

  it('keeps a number and its Japanese unit together', () => {
    for (let width = 10; width < 30; width += 1) {
      expect(wrap('変換する機器は4〜20分で忘れます。', width).join('\n')).toMatch(/4〜20分/);
    }
  });

  it('keeps a number and its unit together', () => {
    expect(wrap('200 of 200 (100 %) in 52 s so', 16)).toEqual(['200 of 200', '(100 %) in 52 s', 'so']);
  });

  it('keeps a URL whole even when it is too long', () => {
    expect(wrap('see https://docs.kernel.org/networking/ip-sysctl.html now', 20)).toEqual([
      'see',
      'https://docs.kernel.org/networking/ip-sysctl.html',
      'now',
    ]);
  });

  it('loses and invents nothing but blanks, and keeps to the width unless two characters cannot be parted', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '7', ' ', '漢', 'か', 'カ', '。', '（', '）', '.', '-') });
    fc.assert(
      fc.property(text, fc.integer({ min: 16, max: 60 }), (value, width) => {
        const lines = wrap(value, width);
        expect(lines.join('').replaceAll(/\s/g, '')).toBe(value.replaceAll(/\s/g, ''));
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('wrapLines', () => {
  it('aligns what is carried over with the text after a bullet, a number or a label', () => {
    const text = '  Why   one two three four\n  - one two three four\n  1. one two three four';
    expect(wrapLines(text, 18)).toBe(
      [
        '  Why   one two',
        '        three four',
        '  - one two three',
        '    four',
        '  1. one two three',
        '     four',
      ].join('\n'),
    );
  });
});
