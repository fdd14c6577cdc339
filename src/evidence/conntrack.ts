/** nf_conntrack: entries of this network namespace, the limit, and the per-CPU counters of /proc/net/stat/nf_conntrack summed by column name. */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { count, eachLine, INT_MAX, LONG_MAX, UINT_MAX } from './lines.ts';

export interface Conntrack {
  readonly count: number;
  readonly max: number;
  readonly buckets: number | null;
  /** Whether root may write `max` here: in the first network namespace only. null = not looked at. */
  readonly maxIsWritable: boolean | null;
  /** Sums over CPUs since boot; a column this kernel does not print is missing. `entries` is not summed, it is global. */
  readonly stats: Readonly<Record<string, number>>;
}

const DIRECTORY = '/proc/sys/net/netfilter/';

export const conntrack: Source<Conntrack> = {
  name: 'conntrack',
  cadence: 'each',
  files: [
    { under: DIRECTORY, paths: ['nf_conntrack_count'], label: 'count ', how: 'need' },
    { under: DIRECTORY, paths: ['nf_conntrack_max'], label: 'max ' },
    // The mode, not what this account may do: in a namespace of its own nobody may write it.
    { paths: [`${DIRECTORY}nf_conntrack_max`], label: 'max-mode ', how: 'look' },
    { under: DIRECTORY, paths: ['nf_conntrack_buckets'], label: 'buckets ' },
    // A row a CPU would be kilobytes.
    { paths: ['/proc/net/stat/nf_conntrack'], label: 'stat ', how: 'sum' },
  ],
  parse: parseConntrack,
};

/**
 * nf_conntrack_max takes a negative number too, and means four thousand million by it; such a limit is not read. The
 * counters are sums of unsigned ints of each CPU.
 */
const MOST: Readonly<Record<string, number>> = { count: INT_MAX, max: INT_MAX, buckets: UINT_MAX, stat: LONG_MAX };

export function parseConntrack(text: string): Reading<Conntrack> {
  const said: Record<string, number> = {};
  const stats: Record<string, number> = {};
  const trouble = eachLine(text, ([kind = '', ...words]) => {
    // No buckets file in some namespaces: the word is left out.
    if (kind === 'buckets' && words.length === 0) return true;
    if (kind === 'max-mode' && words.length === 1) {
      said[kind] = Number((words[0] ?? '').startsWith('-rw'));
      return true;
    }
    const value = Object.hasOwn(MOST, kind) ? count(words.at(-1), MOST[kind]) : undefined;
    if (value === undefined) return false;
    if (kind === 'stat') stats[words[0] ?? ''] = value;
    else said[kind] = value;
    return words.length === (kind === 'stat' ? 2 : 1);
  });
  if (trouble !== undefined) return trouble;
  const { count: entries, max, buckets = null, 'max-mode': mode } = said;
  if (entries === undefined || max === undefined) return garbled(1, 'no count or max');
  return read({ count: entries, max, buckets, maxIsWritable: mode === undefined ? null : mode === 1, stats });
}
