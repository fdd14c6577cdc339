/** Sysctl values as text, the way /proc/sys shows them but with one blank between numbers, so that two texts can be compared. */
import { type PortRange, portsText } from '#domain/ports.ts';

/** A value as a reading has it: a number, several, or ranges of ports. */
export function sysctlText(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  if (value.every((part) => typeof part === 'number')) return value.join(' ');
  return portsText(value as readonly PortRange[]);
}
