/** Ansible's host ranges: `web[01:10]`, `db-[a:f]`, `n[1:9:2]`. */

/** A file that names more hosts than this by one line is a slip of the pen. */
const MOST_HOSTS = 65_536;

const RANGE = /\[(?<first>\d+|[A-Za-z]):(?<last>\d+|[A-Za-z])(?::(?<step>\d+))?\]/;

/** All names a pattern stands for; undefined when a range cannot be counted. */
export function expandRange(pattern: string): readonly string[] | undefined {
  let names = [pattern];
  while (names.some((name) => RANGE.test(name))) {
    const longer: string[] = [];
    for (const name of names) {
      const expanded = expandFirst(name);
      if (expanded === undefined || longer.length + expanded.length > MOST_HOSTS) return undefined;
      longer.push(...expanded);
    }
    names = longer;
  }
  return names.some((name) => /[[\]]/.test(name)) ? undefined : names;
}

function expandFirst(name: string): readonly string[] | undefined {
  const match = RANGE.exec(name);
  const { first = '', last = '', step = '1' } = match?.groups ?? {};
  if (match === null) return [name];
  const values = /^\d/.test(first) ? numbers(first, last, Number(step)) : letters(first, last, Number(step));
  return values?.map((value) => name.slice(0, match.index) + value + name.slice(match.index + match[0].length));
}

/** Leading zeros of the first number set the width of all. */
function numbers(first: string, last: string, step: number): readonly string[] | undefined {
  const width = first.startsWith('0') ? first.length : 0;
  return count(Number(first), Number(last), step)?.map((number) => String(number).padStart(width, '0'));
}

function letters(first: string, last: string, step: number): readonly string[] | undefined {
  if (last.length !== 1) return undefined;
  return count(first.charCodeAt(0), last.charCodeAt(0), step)?.map((code) => String.fromCharCode(code));
}

function count(first: number, last: number, step: number): readonly number[] | undefined {
  const length = Math.floor((last - first) / step) + 1;
  if (!(step >= 1 && length >= 1 && length <= MOST_HOSTS)) return undefined;
  return Array.from({ length }, (_, index) => first + index * step);
}
