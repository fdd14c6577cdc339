/** Cells in columns, each wrapped within its own. Pure. */
import stringWidth from 'string-width';
import { wrap } from './wrap.ts';

const GAP = 2;
const NARROWEST = 8;
/** Of the whole width: a longer word is broken. */
const LARGEST_WORD = 0.6;

/** Lines of at most `width` columns where the cells' words allow it. */
export function tableLines(rows: readonly (readonly string[])[], width: number): readonly string[] {
  const widths = columnWidths(rows, width);
  return rows.flatMap((row) => rowLines(row, widths));
}

/** As wide as their cells; where that is too much, the widest give way first, down to their longest word. */
export function columnWidths(rows: readonly (readonly string[])[], width: number): readonly number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const columns = Array.from({ length: count }, (_, column) => rows.map((row) => row[column] ?? ''));
  const widths = columns.map((cells) => Math.max(0, ...cells.map((cell) => stringWidth(cell))));
  const least = columns.map((cells) => Math.min(longestWord(cells), Math.floor(width * LARGEST_WORD)));
  for (let excess = sum(widths) + GAP * (count - 1) - width; excess > 0; excess -= 1) {
    const spare = widths.map((columns, column) => (columns > (least[column] ?? 0) ? columns : 0));
    const widest = spare.indexOf(Math.max(...spare));
    if (spare[widest] === 0) break;
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  return widths;
}

/** A column of prose keeps room for a few words; one of names, for the longest. */
function longestWord(cells: readonly string[]): number {
  return Math.max(
    NARROWEST,
    ...cells
      .flatMap((cell) => cell.split(/\s/))
      .filter(isLatin)
      .map((word) => stringWidth(word)),
  );
}

function isLatin(word: string): boolean {
  return stringWidth(word) === word.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function rowLines(row: readonly string[], widths: readonly number[]): readonly string[] {
  const cells = widths.map((width, column) => wrap(row[column] ?? '', width));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, column) => pad(lines[line] ?? '', widths[column] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
