/** Sysctl values as text, the way /proc/sys shows them but with one blank between numbers, so that two texts can be compared. */
import type { PortRange } from '#evidence/sysctls.ts';

/** A value as a reading has it: a number, several, or ranges of ports. */
export function sysctlText(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  if (value.every((part) => typeof part === 'number')) return value.join(' ');
  return portsText(value as readonly PortRange[]);
}

/** As the kernel prints a list of ports: ascending, neighbours merged into ranges (proc_do_large_bitmap, kernel/sysctl.c). */
export function portsText(ranges: readonly PortRange[]): string {
  return mergePorts(ranges)
    .map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
    .join(',');
}

export function mergePorts(ranges: readonly PortRange[]): readonly PortRange[] {
  const merged: PortRange[] = [];
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous === undefined || first > previous.last + 1) merged.push({ first, last });
    else merged[merged.length - 1] = { first: previous.first, last: Math.max(previous.last, last) };
  }
  return merged;
}
