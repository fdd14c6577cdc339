/** What a host says of long work under way, as it is kept and shown: one short line of characters that can be seen. Pure. */

const LONGEST = 200;
/** Control characters, marks that reorder text, halves of characters, and breaks of lines. */
const NOT_SHOWN = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/** '' = nothing. */
export function progressLine(said: string): string {
  const seen = said.slice(0, 4 * LONGEST).replaceAll(NOT_SHOWN, ' ');
  return [...seen.trim()].slice(0, LONGEST).join('');
}
