/** A page of ours, Markdown, as rich text. Pure. */
import MarkdownIt, { type Token } from 'markdown-it';
import { needsBlank } from '#render/wording.ts';
import { bullets, code, LINE_BREAK, line, link, type Part, type Piece, plain } from './rich.ts';

const parser = new MarkdownIt({ html: false });

/** A heading of the second level and what is below it. */
export interface Section {
  readonly title: string;
  readonly parts: readonly Part[];
}

/** `absolute` makes an address of a link; undefined when it has none outside. */
export function sectionsOf(body: string, absolute: (href: string) => string | undefined): readonly Section[] {
  const sections: { title: string; tokens: Token[] }[] = [];
  const tokens = parser.parse(body, {});
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'heading_open' && token.tag === 'h2')
      sections.push({ title: tokens[index + 1]?.content ?? '', tokens: [] });
    else sections.at(-1)?.tokens.push(token);
  }
  // The heading's own text and end come first.
  return sections.map(({ title, tokens: own }) => ({ title, parts: partsOf(own.slice(2), absolute) }));
}

function partsOf(tokens: readonly Token[], absolute: (href: string) => string | undefined): readonly Part[] {
  const parts: Part[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.type === 'inline') parts.push(line(inline(token, absolute), LINE_BREAK));
    else if (token.type === 'fence' || token.type === 'code_block') parts.push(preformatted(token.content));
    else if (token.type === 'bullet_list_open' || token.type === 'ordered_list_open' || token.type === 'table_open') {
      const end = closing(tokens, index);
      const inside = tokens.slice(index + 1, end);
      parts.push(
        token.type === 'table_open'
          ? table(inside, absolute)
          : list(inside, token.type === 'ordered_list_open', absolute),
      );
      index = end;
    }
  }
  return parts;
}

/** Where what opens at `start` closes. */
function closing(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    depth += tokens[index]?.nesting ?? 0;
    if (depth === 0) return index;
  }
  return tokens.length;
}

function list(tokens: readonly Token[], ordered: boolean, absolute: (href: string) => string | undefined): Part {
  const items: Piece[][] = [];
  for (const token of tokens) {
    if (token.type === 'list_item_open') items.push([]);
    else if (token.type === 'inline') items.at(-1)?.push(...inline(token, absolute));
    else if (token.type === 'fence') items.at(-1)?.push(...LINE_BREAK, ...code(token.content.trimEnd()));
  }
  return bullets(items, ordered ? 'ordered' : 'bullet');
}

/** Slack takes one table a message, and a telephone shows none well: a row is an item, each cell on a line under its column's name. */
function table(tokens: readonly Token[], absolute: (href: string) => string | undefined): Part {
  const rows: Token[][] = [];
  for (const token of tokens) {
    if (token.type === 'tr_open') rows.push([]);
    else if (token.type === 'inline') rows.at(-1)?.push(token);
  }
  const [head = [], ...body] = rows;
  return bullets(body.map((row) => tableItem(row, head, absolute)));
}

/** Never without the column's name: what many believe stands in a column that says so, and must not read as a fact. */
function tableItem(
  row: readonly Token[],
  head: readonly Token[],
  absolute: (href: string) => string | undefined,
): readonly Piece[] {
  return row.flatMap((cell, index) => [
    ...(index === 0 ? [] : LINE_BREAK),
    ...plain(`${head[index]?.content ?? ''}: `, { bold: true }),
    ...inline(cell, absolute),
  ]);
}

function preformatted(text: string): Part {
  return { type: 'rich_text_preformatted', elements: [{ type: 'text', text: text.trimEnd() || ' ' }] };
}

function inline({ children }: Token, absolute: (href: string) => string | undefined): readonly Piece[] {
  let bold = false;
  let href: string | undefined;
  return (children ?? []).flatMap((token, index, all) => {
    switch (token.type) {
      case 'softbreak':
      case 'hardbreak':
        return needsBlank(textOf(all.slice(0, index).reverse()), textOf(all.slice(index + 1))) ? plain(' ') : [];
      case 'strong_open':
      case 'strong_close':
        bold = token.type === 'strong_open';
        return [];
      case 'link_open':
        href = absolute(String(token.attrGet('href') ?? ''));
        return [];
      case 'link_close':
        href = undefined;
        return [];
      default:
        return leaf(token, bold, href);
    }
  });
}

/** The first of them, past what opens and closes links and bold text. */
function textOf(tokens: readonly Token[]): string {
  return tokens.find(({ content }) => content !== '')?.content ?? '';
}

function leaf({ type, content }: Token, bold: boolean, href: string | undefined): readonly Piece[] {
  if (href !== undefined && content !== '') return link(href, content);
  return type === 'code_inline' ? code(content) : plain(content, bold ? { bold: true } : undefined);
}
