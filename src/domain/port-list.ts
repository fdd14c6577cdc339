/** Lists of ports as the kernel prints them: ascending, neighbours merged (proc_do_large_bitmap, kernel/sysctl.c). Every function takes time in proportion to the number of ranges. */

/** The longest value that the kernel takes in one write: a page, less the end of the line. */
export const LONGEST_LIST = 4095;

type Range = readonly [first: number, last: number];

/** Undefined for a list of another form, which the kernel would not print back as it was written. */
export function parsePortList(text: string): readonly Range[] | undefined {
  if (text === '') return [];
  const ranges: Range[] = [];
  let end = -2;
  for (const part of text.split(',')) {
    const [, from, to = from] = /^(0|[1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(part) ?? [];
    const range: Range = [Number(from), Number(to)];
    const isOneWithDash = part.includes('-') && range[0] === range[1];
    if (from === undefined || range[0] > range[1] || isOneWithDash || range[1] > 65_535 || range[0] <= end + 1)
      return undefined;
    ranges.push(range);
    end = range[1];
  }
  return ranges;
}

/** The lowest port of `old` that is not in `list`. */
export function lostPort(old: readonly Range[], list: readonly Range[]): number | undefined {
  let at = 0;
  for (const [first, last] of old) {
    while ((list[at]?.[1] ?? Number.POSITIVE_INFINITY) < first) at++;
    const [start, end] = list[at] ?? [Number.POSITIVE_INFINITY, 0];
    if (start > first) return first;
    if (end < last) return end + 1;
  }
  return undefined;
}

/** Ports of the inclusive range that are not in the list. */
export function portsLeft([first, last]: Range, list: readonly Range[]): number {
  const taken = list.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, last) - Math.max(from, first) + 1), 0);
  return last - first + 1 - taken;
}
