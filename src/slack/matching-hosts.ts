/** Which hosts a few typed letters may mean: those that begin with them, then those that hold them, then the nearest. */
import { nearestNames } from '#domain/nearest.ts';

export function matchingHosts(typed: string, names: readonly string[]): readonly string[] {
  const wanted = typed.trim().toLowerCase();
  const begins = names.filter((name) => name.toLowerCase().startsWith(wanted));
  const holds = names.filter((name) => name.toLowerCase().includes(wanted));
  return [...new Set([...begins, ...holds, ...(wanted === '' ? [] : nearestNames(wanted, names))])];
}
