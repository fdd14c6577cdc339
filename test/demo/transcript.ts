/** What a person reads in the local Slack, as text: for the story, and for a look at a card without a browser. */
import type { Block, Message, Snapshot } from '#local-slack/snapshot.ts';

/** One message with who wrote it and, indented, what it says. */
export function transcribe(message: Message, snapshot: Snapshot): string {
  const author = nameOf(message.user, snapshot);
  const marks = [
    message.thread === null ? [] : ['in the thread'],
    message.onlyFor === null ? [] : [`only ${nameOf(message.onlyFor, snapshot)} sees this`],
    message.edited ? ['edited'] : [],
  ].flat();
  const head = marks.length === 0 ? author : `${author} (${marks.join(', ')})`;
  const body =
    message.blocks.length === 0 ? message.text : message.blocks.map((block) => blockText(block, snapshot)).join('\n');
  const files = message.files.map(({ name, size }) => `[file ${name}, ${size} bytes]`);
  return [`${head}:`, ...indent([body, ...files].join('\n'))].join('\n');
}

function nameOf(user: string, { people, bot }: Snapshot): string {
  return user === bot.user ? bot.name : (people.find(({ id }) => id === user)?.name ?? user);
}

function indent(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `    ${line}`);
}

/** Text of a block: rich text, sections, buttons in brackets. Blocks nest, and their text is in different places. */
function blockText(block: Block, snapshot: Snapshot): string {
  switch (block.type) {
    case 'actions':
      return listOf(block['elements'])
        .map((element) => `[${pieceText(element, snapshot)}]`)
        .join(' ');
    case 'rich_text':
      return listOf(block['elements'])
        .map((element) => pieceText(element, snapshot))
        .join('\n');
    case 'table':
      return listOf(block['rows'])
        .map((row) => (Array.isArray(row) ? row.map((cell) => pieceText(cell, snapshot)).join(' | ') : ''))
        .join('\n');
    case 'divider':
      return '--';
    default:
      return pieceText(block, snapshot);
  }
}

type Piece = Readonly<Record<string, unknown>>;

function pieceText(piece: Piece, snapshot: Snapshot): string {
  const { type, text, elements, fields } = piece;
  if (type === 'user') return `@${nameOf(String(piece['user_id']), snapshot)}`;
  if (type === 'emoji') return `:${piece['name']}:`;
  if (type === 'date') return String(piece['fallback'] ?? piece['timestamp']);
  if (type === 'link' && text === undefined) return String(piece['url']);
  if (typeof text === 'string') return type === 'mrkdwn' ? readable(text, snapshot) : text;
  const parts = [text, ...listOf(fields), ...listOf(elements)].filter(
    (part): part is Piece => typeof part === 'object' && part !== null,
  );
  const separator = type === 'rich_text_list' || fields !== undefined ? '\n' : type === 'context' ? ' ' : '';
  const bullet = type === 'rich_text_list' ? '- ' : '';
  return parts.map((part) => bullet + pieceText(part, snapshot)).join(separator);
}

/** What Slack makes of the dates and people that mrkdwn names. */
function readable(text: string, snapshot: Snapshot): string {
  return text
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<@([^>]*)>/g, (_, user: string) => `@${nameOf(user, snapshot)}`);
}

function listOf(value: unknown): readonly Piece[] {
  return Array.isArray(value) ? value : [];
}
