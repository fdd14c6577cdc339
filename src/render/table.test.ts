import { describe, expect, it } from 'vitest';
import { columnWidths, tableLines } from './table.ts';

describe('tableLines', () => {
  it('aligns cells and wraps prose within its own column, names whole', () => {
    const rows = [
      ['close-wait-leak', 'A process does not close connections'],
      ['a', 'short'],
    ];
    expect(tableLines(rows, 34)).toEqual([
      'close-wait-leak  A process does',
      '                 not close',
      '                 connections',
      'a                short',
    ]);
  });

  it('measures Japanese as two columns a character', () => {
    expect(
      tableLines(
        [
          ['鍵', 'x'],
          ['abcdef', 'y'],
        ],
        80,
      ),
    ).toEqual(['鍵      x', 'abcdef  y']);
  });
});

describe('columnWidths', () => {
  it('never exceeds the width where words allow it', () => {
    expect(columnWidths([['aaaa bbbb cccc dddd', 'eeee ffff gggg hhhh']], 22)).toEqual([10, 10]);
  });
});
