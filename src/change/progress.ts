/** What a host says of long work under way, as it is kept and shown: one short line of characters that can be seen. Pure. */
import type { WorkProgress } from '#domain/change.ts';

const LONGEST = 200;
/** Control characters, marks that reorder text, halves of characters, and breaks of lines. */
const NOT_SHOWN = /[\p{C}\p{Zl}\p{Zp}]+/gu;

export const NOTHING_SAID: WorkProgress = { line: '', silentSince: null };

/** Names what a card shows of it: the same for the same. */
export function progressMark({ line, silentSince }: WorkProgress): string {
  return silentSince === null ? line : `${silentSince.toISOString()} ${line}`;
}

/** '' = nothing. */
export function progressLine(said: string): string {
  const seen = said.slice(0, 4 * LONGEST).replaceAll(NOT_SHOWN, ' ');
  return [...seen.trim()].slice(0, LONGEST).join('');
}
