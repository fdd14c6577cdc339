/** Splits a command's line where no shell is needed to understand it: plain words and quotes that hide nothing. POSIX, "Shell Command Language". */

/** What a shell would take as it stands; but for `~` and `#` where a word begins, and `=` in the first word. */
const PIECE = /(?<gap>[ \t]+)|'(?<single>[^']*)'|"(?<double>[^"$`\\]*)"|(?<plain>[A-Za-z0-9_@%+=:,./^#~-]+)/y;

/** Undefined when only a shell knows what the line means. A leading `exec` says nothing more: it is what is done with it. */
export function plainWords(line: string): readonly string[] | undefined {
  const words = split(line);
  const command = words?.[0] === 'exec' && words.length > 1 ? words.slice(1) : words;
  const [program = ''] = command ?? [];
  return program === '' || /^-|=/.test(program) ? undefined : command;
}

function split(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < line.length) {
    const piece = PIECE.exec(line)?.groups;
    if (piece === undefined) return undefined;
    const { gap, single, double, plain } = piece;
    if (gap === undefined) {
      if (word === undefined && /^[~#]/.test(plain ?? '')) return undefined;
      word = (word ?? '') + (single ?? double ?? plain ?? '');
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}
