/** Text that came from a host, made safe to print: what would move a cursor, colour, hide or reorder text becomes visible. */

// C0, DEL, C1, line and paragraph separators, and the marks that change the direction of writing.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** No name or sentence is as long; a host could send a megabyte in one word, and wrapping that takes minutes. */
const LONGEST = 2000;

/** Each control character as `\x1b` or `\u202e`, so that a reader sees that it was there; cut where it is too long. */
export function neutralise(text: string): string {
  const kept = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return kept.replaceAll(CONTROL, shown);
}

/** A JSON document that is the same data, and carries no raw control or direction character either. */
export function neutralJson(value: unknown): string {
  return JSON.stringify(value, null, 2).split('\n').map(escaped).join('\n');
}

/** The same on one line. */
export function neutralJsonLine(value: unknown): string {
  return escaped(JSON.stringify(value));
}

function escaped(json: string): string {
  return json.replaceAll(CONTROL, (char) => `\\u${hex(char, 4)}`);
}

function shown(char: string): string {
  return char.charCodeAt(0) < 256 ? `\\x${hex(char, 2)}` : `\\u${hex(char, 4)}`;
}

function hex(char: string, digits: number): string {
  return char.charCodeAt(0).toString(16).padStart(digits, '0');
}
