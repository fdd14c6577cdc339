/** What the contract test reads out of a page: its headings, links, and Markdown that did not take. */
import MarkdownIt, { type Token } from 'markdown-it';

export interface PageParts {
  readonly h1: readonly string[];
  readonly h2: readonly string[];
  readonly links: readonly string[];
  /** Text that still has the marks of emphasis in it: ** beside Japanese punctuation does not open. */
  readonly unparsed: readonly string[];
  /** Fenced code, by its language. */
  readonly code: readonly { readonly language: string; readonly text: string }[];
}

export function partsOf(markdown: string): PageParts {
  const tokens = new MarkdownIt({ html: false }).parse(markdown, {});
  const inline = tokens.flatMap((token) => token.children ?? []);
  return {
    h1: headings(tokens, 'h1'),
    h2: headings(tokens, 'h2'),
    links: inline.filter(({ type }) => type === 'link_open').map((token) => String(token.attrGet('href'))),
    unparsed: inline
      .filter(({ type, content }) => type === 'text' && /\*\*|\]\(/.test(content))
      .map(({ content }) => content),
    code: tokens.filter(({ type }) => type === 'fence').map(({ info, content }) => ({ language: info, text: content })),
  };
}

function headings(tokens: readonly Token[], tag: string): readonly string[] {
  return tokens.flatMap((token, index) =>
    token.type === 'heading_open' && token.tag === tag ? [tokens[index + 1]?.content ?? ''] : [],
  );
}
