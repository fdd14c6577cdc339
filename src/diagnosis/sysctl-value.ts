/** What the kernel makes of a value written to a sysctl, and whether that is what is in force. */
import { type PortRange, parseSysctlValue, type SysctlKey } from '#evidence/sysctls.ts';

/** `refused`: the kernel takes no such text, so a file that says it changes nothing. */
export type Comparison = 'same' | 'different' | 'refused';

/** `live` is the key's reading, `text` what a file says. */
export function compareSysctl(key: SysctlKey, live: unknown, text: string): Comparison {
  if (key === 'net.ipv4.ip_local_reserved_ports') return comparePorts(live, parseSysctlValue(key, text));
  const inForce: readonly unknown[] = Array.isArray(live) ? live : [live];
  const written = leadingNumbers(text).slice(0, inForce.length);
  if (written.length === 0) return 'refused';
  // Fewer numbers than the key has leave the others as they are (proc_dointvec, kernel/sysctl.c).
  const same = written.every((number, i) => number === inForce[i] || isRoundedUp(key, number, inForce[i]));
  return same ? 'same' : 'different';
}

/** As /proc/sys shows it, blanks between numbers; an empty list is `""`. */
export function showSysctl(live: unknown): string {
  if (!Array.isArray(live)) return String(live);
  if (live.every((part) => typeof part === 'number')) return live.length === 0 ? '""' : live.join(' ');
  return (live as readonly PortRange[])
    .map(({ first, last }) => (first === last ? first : `${first}-${last}`))
    .join(',');
}

/** The kernel reads decimal and 0x numbers, and ignores what follows them after a blank, such as a comment. */
function leadingNumbers(text: string): readonly number[] {
  const words = text.trim().split(/\s+/);
  const end = words.findIndex((word) => !/^-?(?:0x[0-9a-f]+|\d+)$/i.test(word));
  return words.slice(0, end < 0 ? words.length : end).map(Number);
}

/** The hash table takes whole pages: 512 buckets of 8 bytes (nf_ct_alloc_hashtable). */
function isRoundedUp(key: SysctlKey, written: number, inForce: unknown): boolean {
  return key === 'net.netfilter.nf_conntrack_buckets' && Math.ceil(written / 512) * 512 === inForce;
}

function comparePorts(live: unknown, written: readonly PortRange[] | undefined): Comparison {
  if (written === undefined) return 'refused';
  return portSet(live as readonly PortRange[]) === portSet(written) ? 'same' : 'different';
}

/** One text for one set of ports, however it was written: the kernel merges neighbours. */
function portSet(ranges: readonly PortRange[]): string {
  const merged: PortRange[] = [];
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous === undefined || first > previous.last + 1) merged.push({ first, last });
    else merged[merged.length - 1] = { first: previous.first, last: Math.max(previous.last, last) };
  }
  return merged.map(({ first, last }) => `${first}-${last}`).join(',');
}
