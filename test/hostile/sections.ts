/** Sections as no honest host prints them: a recorded one cut, and gone on with one thing over and over, or its lines without end. */
import { readFileSync } from 'node:fs';

export function recorded(source: string): string {
  return readFileSync(new URL(`../../src/evidence/samples/sections/${source}.txt`, import.meta.url), 'utf8');
}

/** Blanks before a line break of another kind, which `.` does not match, are what a regular expression tries in most ways. */
const FILLERS = ['a', '1', ':', '=', ',1', '%', ']', '/', ' 1', '(', ' a:1', 'release ', '\r', '\t'] as const;

export interface Shape {
  readonly name: string;
  /** About so many characters. */
  readonly text: (length: number) => string;
}

export function shapesOf(source: string): readonly Shape[] {
  const lines = oneOfEachKind(recorded(source));
  const prefixes = [...new Set(lines.flatMap(prefixesOf))];
  const head = lines[0] ?? '';
  return [
    ...prefixes.flatMap((prefix) => [
      ...FILLERS.map((filler) => shape(prefix, filler, (length) => prefix + repeated(filler, length))),
      shape(prefix, 'blanks, line separator', (length) => `${prefix}${' '.repeat(length)}x\u2028y`),
      shape(prefix, 'blanks, return', (length) => `${prefix}${' '.repeat(length)}x\ry`),
    ]),
    ...lines.flatMap((line) => [
      shape(line, 'lines', (length) => `${head}\n${repeated(`${line}\n`, length)}`),
      shape(line, 'numbered lines', (length) => `${head}\n${numbered(line, length)}`),
    ]),
    shape('', 'line ends', (length) => '\n'.repeat(length)),
    ...(PRODUCTS[source] ?? []).map((text) => shape(source, 'many of one times many of another', text)),
  ];
}

/** Where one part of a section is combined with each of another. */
const PRODUCTS: Readonly<Record<string, readonly Shape['text'][]>> = {
  netstat: [
    (length) =>
      `${'T'.repeat(length / 2)}:${each(length / 16, (n) => ` a${n}`).replaceAll('\n', '')}\n${'T'.repeat(length / 2)}:${repeated(' 1', length / 8)}`,
  ],
  sockstat: [(length) => `${'T'.repeat(length / 2)}:${repeated(' a 1', length / 2)}`],
  'persisted-sysctls': [
    (length) =>
      `order el6\n${each(length / 80, (n) => `file /etc/sysctl.d/${n}\nset /etc/sysctl.d/${n}:1:net.a${n}=1`)}`,
    (length) =>
      `order el6\n${each(length / 40, () => 'file /etc/sysctl.conf')}\n${each(length / 60, (n) => `set /etc/sysctl.conf:${n}:net.a=${n}`)}`,
  ],
  'accept-queues': [(length) => `via ss\nlooks 600\n${each(length / 12, (n) => `queue - a:${n}`)}`],
};

function each(count: number, line: (n: number) => string): string {
  return Array.from({ length: Math.ceil(count) }, (_, n) => line(n)).join('\n');
}

function shape(before: string, what: string, text: Shape['text']): Shape {
  return { name: `${JSON.stringify(before.slice(0, 40))}, then ${JSON.stringify(what)}`, text };
}

/** The first line of each kind, by its first word with the numbers taken out. */
function oneOfEachKind(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const kinds = new Map(
    lines.map((line) => [
      line
        .trim()
        .split(/[\s:=]/, 1)[0]
        ?.replaceAll(/\d/g, ''),
      line,
    ]),
  );
  return [...kinds.values()].slice(0, 14);
}

/** The line up to its first blank, up to the last of each separator, and all of it. */
function prefixesOf(line: string): readonly string[] {
  const ends = [line.indexOf(' '), ...[':', '=', '('].map((separator) => line.lastIndexOf(separator))];
  return [...ends.filter((end) => end >= 0).map((end) => line.slice(0, end + 1)), line];
}

function repeated(text: string, length: number): string {
  return text.repeat(Math.ceil(length / text.length));
}

/** Every number of the line another one each time. */
function numbered(line: string, length: number): string {
  const lines: string[] = [];
  for (let size = 0, n = 1; size < length; n++) {
    const next = line.replaceAll(/\d+/g, String(n % 60_000));
    lines.push(next);
    size += next.length + 1;
  }
  return lines.join('\n');
}
