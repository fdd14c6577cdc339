/** Cells in columns, each wrapped within its own. Pure. */
import stringWidth from 'string-width';
import { wrap } from './wrap.ts';

const GAP = 2;
const NARROWEST = 8;

/** Lines of at most `width` columns where the cells' words allow it. */
export function tableLines(rows: readonly (readonly string[])[], width: number): readonly string[] {
  const widths = columnWidths(rows, width);
  return rows.flatMap((row) => rowLines(row, widths));
}

/** Narrow columns as they are; what is left is shared equally by the wide ones. */
export function columnWidths(rows: readonly (readonly string[])[], width: number): readonly number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const natural = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  let room = width - GAP * (count - 1);
  const widths = new Map<number, number>();
  for (const [column, wanted] of [...natural.entries()].toSorted(([, a], [, b]) => a - b)) {
    const share = Math.max(NARROWEST, Math.floor(room / (count - widths.size)));
    widths.set(column, Math.min(wanted, share));
    room -= Math.min(wanted, share);
  }
  return natural.map((wanted, column) => widths.get(column) ?? wanted);
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

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
