import { describe, expect, it } from 'vitest';
import { sectionsOf } from './markdown-rich.ts';

function textOf(markdown: string): string {
  const [section] = sectionsOf(`## Fix\n\n${markdown}\n`, (href) => `https://example.com/${href}`);
  const [paragraph] = section?.parts ?? [];
  const pieces = paragraph !== undefined && 'elements' in paragraph ? paragraph.elements : [];
  return pieces
    .map((piece) => ('text' in piece ? piece.text : ''))
    .join('')
    .trimEnd();
}

describe('a line break', () => {
  it.each([
    ['check\nthe page', 'check the page'],
    ['check\n[the page](page.md)', 'check the page'],
    ['see [the page](page.md)\nfirst', 'see the page first'],
    ['say\n**no**', 'say no'],
    ['say **no**\n[here](page.md)', 'say no here'],
  ])('stands for a blank in %j', (markdown, text) => expect(textOf(markdown)).toBe(text));

  it('stands for none between Japanese characters', () =>
    expect(textOf('ページを\n[見ます](page.md)\nまた**見**\nます')).toBe('ページを見ますまた見ます'));
});
