/** A recorded section as a hostile or broken host might send it: bytes flipped, pieces cut, copied and moved, numbers made absurd. */

/** Whole numbers below `below`, the same ones for the same seed (mulberry32). */
export type Chance = (below: number) => number;

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const NUMBERS = [
  '0',
  '-1',
  '1e9',
  '0x7f',
  '65536',
  '4294967296',
  '9'.repeat(20),
  '9'.repeat(400),
  'NaN',
  '-',
  '',
] as const;
const WORDS = [
  'constructor',
  '__proto__',
  'toString',
  'via ss',
  'via proc s390x',
  'omitted 1',
  'looks 99',
  '::::',
  '[',
  '%',
];
const CHARACTERS = [
  '\0',
  '\n',
  '\r',
  '\t',
  ' ',
  '\u2028',
  '\ud800',
  'é',
  '漢',
  '\u202e',
  ':',
  '=',
  '-',
  ',',
  '"',
  '$',
  '{{x}}',
];

/** One to four changes. */
export function mutate(text: string, other: string, chance: Chance): string {
  let changed = text;
  for (let left = 1 + chance(4); left > 0; left--) changed = change(changed, other, chance);
  return changed;
}

function change(text: string, other: string, chance: Chance): string {
  const at = chance(text.length + 1);
  const end = Math.min(text.length, at + chance(60));
  switch (chance(9)) {
    case 0:
      return replaced(text, at, at + 1, String.fromCharCode(chance(256)));
    case 1:
      return replaced(text, at, end, '');
    case 2:
      return replaced(text, at, at, text.slice(at, end));
    case 3:
      return replaced(text, at, at, other.slice(chance(other.length + 1)).slice(0, chance(200)));
    case 4:
      return text.slice(0, at);
    case 5:
      return withNumber(text, at, chance);
    case 6:
      return replaced(text, at, at, `\n${WORDS[chance(WORDS.length)]} `);
    case 7:
      return replaced(text, at, at, (CHARACTERS[chance(CHARACTERS.length)] ?? '').repeat(1 + chance(40)));
    default:
      return lineRepeated(text, at, chance);
  }
}

function replaced(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to);
}

/** The first number from there on is another one. */
function withNumber(text: string, at: number, chance: Chance): string {
  const tail = text.slice(at, at + 200).replace(/\d+/, NUMBERS[chance(NUMBERS.length)] ?? '');
  return text.slice(0, at) + tail + text.slice(at + 200);
}

function lineRepeated(text: string, at: number, chance: Chance): string {
  const [start, end] = [text.lastIndexOf('\n', at) + 1, text.indexOf('\n', at)];
  const line = text.slice(start, end < 0 ? text.length : end + 1);
  return replaced(text, start, start, line.repeat(chance(20)));
}
