/** What the kernel makes of a value written to a sysctl, and whether that is what is in force. */
import { type PortRange, portsText } from '#domain/ports.ts';
import { parseSysctlValue, type SysctlKey } from '#evidence/sysctls.ts';

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

/** A reading as /proc/sys shows it but with one blank between numbers, so that two texts can be compared. */
export function sysctlText(live: unknown): string {
  if (!Array.isArray(live)) return String(live);
  if (live.every((part) => typeof part === 'number')) return live.join(' ');
  return portsText(live as readonly PortRange[]);
}

/** For people: an empty list is `""`. */
export function showSysctl(live: unknown): string {
  return sysctlText(live) || '""';
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
  const inForce = live as readonly PortRange[];
  // Both are merged, so that one set of ports is one list, however it was written.
  const same = inForce.length === written.length && written.every((range, i) => isSameRange(range, inForce[i]));
  return same ? 'same' : 'different';
}

function isSameRange(a: PortRange, b: PortRange | undefined): boolean {
  return a.first === b?.first && a.last === b.last;
}
