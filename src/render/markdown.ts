/** A runbook page as a terminal shows it: wrapped prose, aligned tables, commands as they are, to be copied. Pure. */
import MarkdownIt, { type Token } from 'markdown-it';
import stringWidth from 'string-width';
import { neutralise } from './neutral.ts';
import { type Palette, palette } from './palette.ts';
import { columnWidths, tableLines } from './table.ts';
import { joinLines } from './wording.ts';
import { wrap } from './wrap.ts';

export interface MarkdownView {
  readonly width: number;
  readonly colour: boolean;
}

const CODE_INDENT = '    ';

export function renderMarkdown(markdown: string, { width, colour }: MarkdownView): string {
  const tokens = new MarkdownIt({ html: false }).parse(markdown, {});
  const lines = blocks(tree(tokens), { width, colours: palette(colour), colour });
  return `${lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

interface Context {
  readonly width: number;
  readonly colour: boolean;
  readonly colours: Palette;
}

/** markdown-it's flat list of opening and closing tokens, nested. */
interface Node {
  readonly token: Token;
  readonly children: readonly Node[];
}

function tree(tokens: readonly Token[]): readonly Node[] {
  const root: Node[] = [];
  const open: Node[][] = [root];
  for (const token of tokens) {
    if (token.nesting === -1) {
      open.pop();
      continue;
    }
    const children: Node[] = [];
    open.at(-1)?.push({ token, children });
    if (token.nesting === 1) open.push(children);
  }
  return root;
}

function blocks(nodes: readonly Node[], context: Context): readonly string[] {
  return nodes.flatMap((node) => block(node, context));
}

function block({ token, children }: Node, context: Context): readonly string[] {
  switch (token.type) {
    case 'heading_open':
      return ['', ...heading(text(children, context), token.tag === 'h1', context)];
    case 'fence':
    case 'code_block':
      return ['', ...code(token, context), ''];
    case 'bullet_list_open':
    case 'ordered_list_open':
      return [...children.flatMap((item) => listItem(item, context)), ''];
    case 'table_open':
      return ['', ...table(children, context), ''];
    case 'hr':
      return ['-'.repeat(context.width)];
    case 'inline':
      return wrap(inline(token.children ?? [], context), context.width);
    case 'paragraph_open':
      return [...blocks(children, context), ...(token.hidden ? [] : [''])];
    default:
      return blocks(children, context);
  }
}

/** Underlined where it cannot be bold. */
function heading(title: string, first: boolean, { colour, colours }: Context): readonly string[] {
  const lines = colour ? [colours.bold(title)] : [title, (first ? '=' : '-').repeat(stringWidth(title))];
  return first ? [...lines, ''] : lines;
}

function code(token: Token, { colours }: Context): readonly string[] {
  const lines = token.content.replace(/\n$/, '').replaceAll('\t', '    ').split('\n').map(neutralise);
  return lines.map((line) => (CODE_INDENT + (token.info === '' ? colours.dim(line) : line)).trimEnd());
}

function listItem({ token, children }: Node, context: Context): readonly string[] {
  const bullet = token.info === '' ? '- ' : `${token.info}. `;
  const indent = ' '.repeat(bullet.length);
  const lines = blocks(children, { ...context, width: context.width - bullet.length });
  const [first = '', ...rest] = trimBlank(lines);
  return [bullet + first, ...rest.map((line) => (line === '' ? '' : indent + line))];
}

function trimBlank(lines: readonly string[]): readonly string[] {
  return lines
    .join('\n')
    .replaceAll(/^\n+|\n+$/g, '')
    .split('\n');
}

/** The head, a rule, and the rows with a blank line between those that wrap. */
function table(sections: readonly Node[], context: Context): readonly string[] {
  const rows = sections.flatMap((section) =>
    section.children.map((row) => row.children.map((cell) => text(cell.children, context))),
  );
  const [head = [], ...body] = rows;
  const widths = columnWidths(rows, context.width);
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const padded = (row: readonly string[]) => tableRow(row, widths, context.width);
  return [...padded(head.map(context.colours.bold)), rule, ...body.flatMap((row, index) => spaced(padded(row), index))];
}

function spaced(lines: readonly string[], index: number): readonly string[] {
  return index > 0 && lines.length > 1 ? ['', ...lines] : lines;
}

/** One row laid out with the widths of the whole table. */
function tableRow(row: readonly string[], widths: readonly number[], width: number): readonly string[] {
  const ruler = widths.map((columns) => 'x'.repeat(columns));
  return tableLines([ruler, row], width).slice(1);
}

function text(nodes: readonly Node[], context: Context): string {
  return nodes.map(({ token }) => inline(token.children ?? [], context)).join(' ');
}

function inline(tokens: readonly Token[], context: Context): string {
  const parts: string[] = [];
  const links: { readonly href: string; readonly at: number }[] = [];
  let strong = -1;
  for (const token of tokens) {
    if (token.type === 'strong_open') strong = parts.length;
    else if (token.type === 'strong_close') parts.push(context.colours.bold(parts.splice(strong).join('')));
    else if (token.type === 'link_open') links.push({ href: String(token.attrGet('href') ?? ''), at: parts.length });
    else if (token.type === 'link_close') {
      const { href, at } = links.pop() ?? { href: '', at: parts.length };
      parts.push(link(parts.splice(at).join(''), href));
    } else parts.push(leaf(token, context));
  }
  return joinLines(parts.join(''));
}

function leaf(token: Token, { colour, colours }: Context): string {
  if (token.type === 'softbreak' || token.type === 'hardbreak') return '\n';
  const content = neutralise(token.content);
  if (token.type !== 'code_inline') return content;
  return colour ? colours.code(content) : `\`${content}\``;
}

/** Another runbook by its id, anything else by its address. */
function link(label: string, href: string): string {
  const id = /^\.\.\/([a-z0-9-]+)\/README(?:\.ja)?\.md$/.exec(href)?.[1];
  const target = neutralise(id ?? href);
  return label === target ? label : `${label} (${target})`;
}
