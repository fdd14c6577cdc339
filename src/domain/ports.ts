/** Lists of ports as the kernel keeps them: ascending, apart from each other, so that one port is found by halving. No function takes time out of proportion to the number of ranges. */

/** The longest value that the kernel takes in one write: a page, less the end of the line. */
export const LONGEST_LIST = 4095;

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** As the kernel prints a list of ports: ascending, neighbours merged (proc_do_large_bitmap, kernel/sysctl.c). */
export function mergePorts(ranges: readonly PortRange[]): readonly PortRange[] {
  const merged: PortRange[] = [];
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous === undefined || first > previous.last + 1) merged.push({ first, last });
    else merged[merged.length - 1] = { first: previous.first, last: Math.max(previous.last, last) };
  }
  return merged;
}

/** `ranges` as mergePorts gives them. */
export function hasPort(ranges: readonly PortRange[], port: number): boolean {
  let [low, high] = [0, ranges.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range === undefined || port < range.first) high = middle - 1;
    else if (port > range.last) low = middle + 1;
    else return true;
  }
  return false;
}

/** `22,30000-30010`; undefined for anything that is no list of ports. */
export function parsePorts(text: string): readonly PortRange[] | undefined {
  if (text === '') return [];
  const ranges: PortRange[] = [];
  for (const part of text.split(',')) {
    const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === undefined || first > last || last > 65_535) return undefined;
    ranges.push({ first, last });
  }
  return mergePorts(ranges);
}

/** Undefined also for what the kernel would not print back as it was written. */
export function parsePrintedPorts(text: string): readonly PortRange[] | undefined {
  const ranges = parsePorts(text);
  return ranges !== undefined && portsText(ranges) === text ? ranges : undefined;
}

/** `22,30000-30010`. */
export function portsText(ranges: readonly PortRange[]): string {
  return mergePorts(ranges)
    .map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
    .join(',');
}

/** The lowest port of `old` that is not in `list`. */
export function lostPort(old: readonly PortRange[], list: readonly PortRange[]): number | undefined {
  let at = 0;
  for (const { first, last } of old) {
    while ((list[at]?.last ?? Number.POSITIVE_INFINITY) < first) at++;
    const range = list[at];
    if (range === undefined || range.first > first) return first;
    if (range.last < last) return range.last + 1;
  }
  return undefined;
}

/** Ports of the inclusive range that are not in the list. */
export function portsLeft([first, last]: readonly [number, number], list: readonly PortRange[]): number {
  const taken = list.map((range) => Math.max(0, Math.min(range.last, last) - Math.max(range.first, first) + 1));
  return taken.reduce((left, ports) => left - ports, last - first + 1);
}
