/** A number (or name) in a verdict: what it is, its unit, and where it came from, so that a reader can redo the arithmetic. */

export const UNITS = [
  'sockets',
  'ports',
  'connections',
  'packets',
  'entries',
  'descriptors',
  'processes',
  'threads',
  'pages',
  'events',
  'ratio',
  'per-second',
  'seconds',
  'milliseconds',
  'bytes',
  'setting',
  'none',
] as const;

export type Unit = (typeof UNITS)[number];

/** `from` names the reading (`sockets`, `sysctl:net.core.somaxconn`, `counter:TcpExt.ListenOverflows`) or the formula over other facts. */
export type Fact = Scalar | Rows;

export interface Scalar {
  /** null = not known on this host; a page tests it with {{#if}}. */
  readonly value: number | string | boolean | null;
  readonly unit: Unit;
  readonly from: string;
}

export interface Rows {
  readonly rows: readonly Readonly<Record<string, Scalar>>[];
  readonly from: string;
}

export type Facts = Readonly<Record<string, Fact>>;

export function fact(value: Scalar['value'], unit: Unit, from: string): Scalar {
  return { value: typeof value === 'string' ? shortened(value) : value, unit, from };
}

/** A name, an address, a state: text with no unit. */
export function named(value: string | null, from: string): Scalar {
  return fact(value, 'none', from);
}

/** A sysctl's value or another configured number: never scaled or rounded when shown. */
export function setting(value: number | string | null, from: string): Scalar {
  return fact(value, 'setting', from);
}

/** A list of every port there is would make a report of megabytes, and is no sentence. */
const LONGEST = 2000;

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

export function flag(value: boolean, from: string): Scalar {
  return { value, unit: 'none', from };
}

export function rows(list: readonly Readonly<Record<string, Scalar>>[], from: string): Rows {
  return { rows: list, from };
}
