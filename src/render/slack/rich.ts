/** Rich text from data: what a host said is only ever the text of a text node, which Slack does not parse. */
import type { RichTextBlock, RichTextElement, RichTextList, RichTextSection } from '@slack/web-api';
import { neutralise } from '#render/neutral.ts';

export type Piece = RichTextElement;
export type Part = RichTextBlock['elements'][number];

interface Style {
  readonly bold?: true;
  readonly italic?: true;
  readonly code?: true;
}

/** Slack refuses a text node without text. */
export function plain(text: string, style?: Style): readonly Piece[] {
  if (text === '') return [];
  return [{ type: 'text', text: neutralise(text), ...(style && { style }) }];
}

/** What neutralise would make visible where a host wrote it. */
export const LINE_BREAK: readonly Piece[] = [{ type: 'text', text: '\n' }];

export function bold(text: string): readonly Piece[] {
  return plain(text, { bold: true });
}

export function code(text: string): readonly Piece[] {
  return plain(text, { code: true });
}

export function emoji(name: string): readonly Piece[] {
  return [{ type: 'emoji', name }, ...plain(' ')];
}

export function link(url: string, text: string): readonly Piece[] {
  return [{ type: 'link', url, text: neutralise(text) }];
}

/** Text alone where there is nowhere to lead to. */
export function linked(url: string | undefined, text: string): readonly Piece[] {
  return url === undefined ? plain(text) : link(url, text);
}

/** Notifies the person when the message is posted, not when it is edited. */
export function person(id: string): readonly Piece[] {
  return [{ type: 'user', user_id: id }];
}

/** Shown in each reader's own time zone. */
export function time(at: Date): readonly Piece[] {
  const fallback = at.toISOString().replace(/T(..:..).*/, ' $1 UTC');
  return [{ type: 'date', timestamp: Math.floor(at.getTime() / 1000), format: '{date_short_pretty} {time}', fallback }];
}

export function line(...pieces: readonly (readonly Piece[])[]): RichTextSection {
  return { type: 'rich_text_section', elements: pieces.flat() };
}

export function bullets(items: readonly (readonly Piece[])[], style: 'bullet' | 'ordered' = 'bullet'): RichTextList {
  return { type: 'rich_text_list', style, elements: items.map((item) => line(item)) };
}

export function rich(...parts: readonly Part[]): RichTextBlock {
  return { type: 'rich_text', elements: [...parts] };
}
