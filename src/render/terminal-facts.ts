/** Every fact of a verdict with its unit and where it came from, as aligned lines, so that a reader can redo the arithmetic. Pure. */
import stringWidth from 'string-width';
import type { Unit } from '#domain/fact.ts';
import type { Language } from '#domain/language.ts';
import type { VerdictDocument } from './document.ts';
import { showScalar } from './fact.ts';
import { pad } from './table.ts';
import { fill, type Words } from './words.ts';
import { wrap } from './wrap.ts';

type FactDocument = VerdictDocument['facts'][string];
type ScalarDocument = Exclude<FactDocument, { rows: unknown }>;

const INDENT = 4;
const NARROWEST_FORMULA = 24;

/** Lines of `name  value unit  = from`; rows below the name of their list. */
export function factLines(
  facts: VerdictDocument['facts'],
  words: Words,
  language: Language,
  width: number,
): readonly string[] {
  const entries = Object.entries(facts).map(([name, fact]) => ({
    name,
    value: 'rows' in fact ? '' : showWithUnit(fact, words, language),
    fact,
  }));
  const names = Math.max(0, ...entries.map(({ name }) => stringWidth(name)));
  const values = Math.min(34, Math.max(0, ...entries.map(({ value }) => stringWidth(value))));
  return entries.flatMap(({ name, value, fact }) => {
    const lead = `${' '.repeat(INDENT)}${pad(name, names)}  ${pad(value, values)}  `;
    const line = hang(lead, fact.from, width);
    return 'rows' in fact ? [...line, ...fact.rows.flatMap((row) => rowLines(row, words, language, width))] : line;
  });
}

function rowLines(
  row: Readonly<Record<string, ScalarDocument>>,
  words: Words,
  language: Language,
  width: number,
): readonly string[] {
  const text = Object.entries(row)
    .map(([name, scalar]) => `${name} ${showWithUnit(scalar, words, language)}`)
    .join(', ');
  return hang(`${' '.repeat(INDENT + 2)}- `, text, width);
}

function showWithUnit(scalar: ScalarDocument, words: Words, language: Language): string {
  const shown = showScalar({ ...scalar, unit: scalar.unit as Unit }, language);
  if (typeof shown !== 'string') return words.values[`${shown}`];
  const unit = words.units[scalar.unit];
  return unit === undefined || typeof scalar.value !== 'number' ? shown : fill(unit, { n: shown });
}

/** The text after its lead; below the lead, less indented, when too little room is left. */
function hang(lead: string, text: string, width: number): readonly string[] {
  const room = width - stringWidth(lead);
  if (room < NARROWEST_FORMULA && stringWidth(text) > room) {
    const deeper = ' '.repeat(INDENT + 4);
    return [lead.trimEnd(), ...wrap(text, width - deeper.length).map((part) => deeper + part)];
  }
  return wrap(text, room).map((part, index) => (index === 0 ? lead : ' '.repeat(stringWidth(lead))) + part);
}
