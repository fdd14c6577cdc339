/** Texts of every code point there is, as fast-check's unit `binary` has them, which takes seconds to make in each process. */
import fc from 'fast-check';

const SURROGATES = { first: 0xd800, count: 0x800 } as const;
const LAST = 0x10ffff;

const codePoint = fc.nat(LAST - SURROGATES.count).map(charOf, numberOf);

export function anyText(lengths: { readonly minLength?: number; readonly maxLength?: number } = {}) {
  return fc.string({ unit: codePoint, ...lengths });
}

function charOf(n: number): string {
  return String.fromCodePoint(n < SURROGATES.first ? n : n + SURROGATES.count);
}

/** The way back, by which names such as `__proto__` are among the texts. */
function numberOf(char: unknown): number {
  const code = typeof char === 'string' ? (char.codePointAt(0) ?? LAST) : LAST;
  const n = code < SURROGATES.first ? code : code - SURROGATES.count;
  if (charOf(n) !== char) throw new Error('This is not one code point.');
  return n;
}
