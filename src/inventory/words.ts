/** Splits a line as a shell would: quotes, backslashes, and a comment after a `#` that begins a word. */

const PIECE = /(?<gap>\s+)|'(?<single>[^']*)'|"(?<double>(?:\\.|[^"\\])*)"|\\(?<escaped>.)|(?<plain>[^\s'"\\]+)/y;

/** Undefined when a quote is not closed. */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < line.length) {
    const piece = PIECE.exec(line)?.groups;
    if (piece === undefined) return undefined;
    if (word === undefined && piece['plain']?.startsWith('#')) break;
    if (piece['gap'] === undefined) {
      word = (word ?? '') + text(piece);
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

function text({ single, double, escaped, plain }: Record<string, string>): string {
  return single ?? double?.replaceAll(/\\(["\\])/g, '$1') ?? escaped ?? plain ?? '';
}
