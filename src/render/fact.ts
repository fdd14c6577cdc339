/** Facts as people read them: thousands separated, ratios as per cent, seconds as minutes, each with its unit where the unit is not said around it. */
import type { Facts, Rows, Scalar, Unit } from '#domain/fact.ts';
import type { Language } from '#domain/language.ts';
import { neutralise } from './neutral.ts';

/** What a page's Handlebars sees: text for numbers, booleans and nulls as they are, rows as lists. */
export type Shown = string | boolean | null | readonly Readonly<Record<string, string | boolean | null>>[];

export function showFacts(facts: Facts, language: Language): Readonly<Record<string, Shown>> {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, showFact(fact, language)]));
}

function showFact(fact: Scalar | Rows, language: Language): Shown {
  if (!('rows' in fact)) return showScalar(fact, language);
  return fact.rows.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, showScalar(v, language)])));
}

export function showScalar({ value, unit }: Scalar, language: Language): string | boolean | null {
  if (typeof value === 'string') return neutralise(value);
  return typeof value === 'number' ? showNumber(value, unit, language) : value;
}

/** Made once, by the digits behind the point: to make one takes longer than to put a whole report into words. */
const FORMATS = { en: formats('en-US'), ja: formats('ja-JP') } as const;

function formats(locale: string): readonly [Intl.NumberFormat, Intl.NumberFormat] {
  const format = (digits: number) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits });
  return [format(0), format(1)];
}

function showNumber(value: number, unit: Unit, language: Language): string {
  const number = (digits: 0 | 1) => FORMATS[language][digits].format(value);
  switch (unit) {
    case 'ratio':
      return showRatio(value, language);
    case 'per-second':
      return number(value < 10 ? 1 : 0);
    case 'seconds':
      return showSeconds(value, language);
    case 'milliseconds':
      return `${number(value < 10 ? 1 : 0)} ms`;
    case 'bytes':
      return showBytes(value);
    case 'setting':
      return String(value);
    default:
      return number(0);
  }
}

function showRatio(value: number, language: Language): string {
  const percent = value * 100;
  const digits = percent > 0 && percent < 10 ? 1 : 0;
  const text = FORMATS[language][digits].format(percent);
  return language === 'ja' ? `${text}%` : `${text} %`;
}

function showSeconds(value: number, language: Language): string {
  const [amount, unit] =
    value < 120
      ? ([value, 's'] as const)
      : value < 7200
        ? ([value / 60, 'min'] as const)
        : ([value / 3600, 'h'] as const);
  const text = FORMATS[language][amount < 10 ? 1 : 0].format(amount);
  if (language === 'en') return `${text} ${unit}`;
  return `${text}${{ s: '秒', min: '分', h: '時間' }[unit]}`;
}

function showBytes(value: number): string {
  const steps = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  const step = Math.min(Math.floor(Math.log2(Math.max(value, 1)) / 10), steps.length - 1);
  const amount = value / 1024 ** step;
  return `${FORMATS.en[amount < 10 && step > 0 ? 1 : 0].format(amount)} ${steps[step] ?? 'B'}`;
}
