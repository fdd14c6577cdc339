/** Breaks lines to a width measured in terminal columns, in English and in Japanese (no closing mark at a line's start). */
import stringWidth from 'string-width';

/** Must not begin a line (JIS X 4051 kinsoku): closing marks, small kana, sound marks. */
const NOT_FIRST =
  /^[、。，．・：；？！ー゛゜）」』】〕〉》｝］…‥々ぁぃぅぇぉっゃゅょァィゥェォッャュョヶ〜%％)\]},.:;?!]/u;
/** Must not end a line. */
const NOT_LAST = /[（「『【〔〈《｛［〜([{]$/u;
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;

/** A word, or a number and its unit, with the blanks after it. */
const PIECE = /\S*\d (?:%|ms|s|min|h|[KMGT]?i?B)(?![\p{L}\d])\S*\s*|\S+\s*|^\s+/gu;

const words = new Intl.Segmenter('ja', { granularity: 'word' });
const characters = new Intl.Segmenter('ja', { granularity: 'grapheme' });

/** Lines of at most `width` columns. A URL or another single word wider than that gets a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  // Added up, not measured again with each piece: a word from a host may be very long.
  let columns = 0;
  for (const piece of pieces(text, width)) {
    if (line !== '' && columns + stringWidth(piece.trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = '';
      columns = 0;
    }
    const added = line === '' ? piece.trimStart() : piece;
    line += added;
    columns += stringWidth(added);
  }
  if (line.trimEnd() !== '' || lines.length === 0) lines.push(line.trimEnd());
  return lines;
}

/** Text that may not be broken inside, each with the blank that follows it. */
function pieces(text: string, width: number): readonly string[] {
  return (text.match(PIECE) ?? [])
    .flatMap((chunk) => (WIDE.test(chunk) ? breakWide(chunk) : [chunk]))
    .flatMap((piece) =>
      stringWidth(piece.trimEnd()) > width && !/^\W*https?:/.test(piece) ? breakAnywhere(piece, width) : [piece],
    );
}

/** Japanese has no blanks: it breaks between words, but Latin words and numbers inside it stay whole. */
function breakWide(chunk: string): readonly string[] {
  const parts: string[] = [];
  for (const { segment } of words.segment(chunk)) {
    const last = parts.at(-1);
    if (last === undefined || mayBreak(last, segment)) parts.push(segment);
    else parts[parts.length - 1] = last + segment;
  }
  return parts;
}

function mayBreak(before: string, after: string): boolean {
  if (NOT_FIRST.test(after) || NOT_LAST.test(before) || /^\s/.test(after)) return false;
  if (/\d$/.test(before)) return false; // 60秒, 4〜20分: a number keeps what it counts
  return WIDE.test(before.at(-1) ?? '') || WIDE.test(after.at(0) ?? '');
}

function breakAnywhere(piece: string, width: number): readonly string[] {
  const parts: string[] = [''];
  let columns = 0;
  for (const { segment } of characters.segment(piece)) {
    const wide = stringWidth(segment.trimEnd());
    if (columns + wide > width) {
      parts.push('');
      columns = 0;
    }
    parts[parts.length - 1] += segment;
    columns += wide;
  }
  return parts;
}

/** Where the text of a line begins: after its indent and its bullet, number, or label followed by two blanks. */
const LEAD = /^ *(?:(?:[-•] |-> |\d+\. )|(?:\S+(?: \S+)* {2,}(?=\S)))?/;
const LONGEST_LEAD = 30;

/** Wraps each line, aligning what is carried over with where the line's own text began. */
export function wrapLines(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => hang(line, width))
    .join('\n');
}

function hang(line: string, width: number): readonly string[] {
  if (stringWidth(line) <= width) return [line];
  const lead = leadOf(line);
  const indent = stringWidth(lead);
  return wrap(line.slice(lead.length), Math.max(width - indent, 10)).map((part, index) =>
    index === 0 ? lead + part : ' '.repeat(indent) + part,
  );
}

function leadOf(line: string): string {
  const lead = LEAD.exec(line)?.[0] ?? '';
  return stringWidth(lead) <= LONGEST_LEAD ? lead : (/^ */.exec(line)?.[0] ?? '');
}
