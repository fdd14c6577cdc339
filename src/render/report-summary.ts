/** What every surface says of a report as a whole: how many findings, which explain which, what is not known and why. Pure. */
import type { VerdictDocument } from './document.ts';
import { fill, type Words } from './words.ts';

/** "1 critical, 2 warnings" */
export function tally(found: readonly VerdictDocument[], { tally: words }: Words): string {
  const counts = (['crit', 'warn', 'info'] as const).map((severity) => {
    const n = found.filter((verdict) => verdict.severity === severity).length;
    return n === 0 ? [] : [fill(n === 1 ? words[severity].one : words[severity].many, { n })];
  });
  return counts.flat().join(words.separator);
}

/** Findings that no other finding explains. */
export function causes(found: readonly VerdictDocument[]): readonly VerdictDocument[] {
  return found.filter(({ causedBy }) => causedBy === null);
}

/** What a finding explains, directly or through another finding. */
export function effectsOf(id: string, found: readonly VerdictDocument[]): readonly VerdictDocument[] {
  return found.filter(({ causedBy }) => causedBy === id).flatMap((effect) => [effect, ...effectsOf(effect.id, found)]);
}

/** What is not known, by reason, the commonest first. */
export function unknownGroups(unknown: readonly VerdictDocument[], words: Words) {
  const codes = [...new Set(unknown.map(({ reason }) => reason?.code ?? 'failed'))] as (keyof Words['reasons'])[];
  return codes
    .map((code) => {
      const items = unknown.filter(({ reason }) => (reason?.code ?? 'failed') === code);
      const { heading, next, command } = words.reasons[code];
      const lines = command?.split('\n') ?? [];
      return { heading, next, command: lines, items: items.map(({ id, reason }) => ({ id, detail: detail(reason) })) };
    })
    .toSorted((a, b) => b.items.length - a.items.length);
}

/** The reading asked for, and what was said about it when that is something else. */
function detail(reason: VerdictDocument['reason']): string {
  const { reading, what } = reason ?? { reading: null, what: '' };
  if (reading === null || reading === what || reading.endsWith(`:${what}`)) return what;
  return `${reading}, ${what}`;
}
