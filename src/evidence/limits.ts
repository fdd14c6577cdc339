/** Host-wide limits on threads, processes and files: /proc/loadavg, /proc/sys/{kernel,fs}, cgroup pids. */
import { garbled, type Reading, read } from '#domain/reading.ts';
import { defineSource } from './fragment.ts';
import { count, counts, eachKind, INT_MAX, type LineReader, LONG_MAX } from './lines.ts';

export interface Limits {
  /** Threads that exist now: the fourth field of /proc/loadavg. */
  readonly threads: number;
  readonly threadsMax: number;
  readonly pidMax: number;
  /** The tightest pids.max on the way from a listener's cgroup to the root; null where no cgroup limits it. */
  readonly cgroupPids: { readonly path: string; readonly current: number; readonly max: number } | null;
  /** /proc/sys/fs/file-nr, first and third field. */
  readonly files: { readonly open: number; readonly max: number };
}

export const limits = defineSource({ name: 'limits', parse: parseLimits });

/** PATH_MAX */
const LONGEST_PATH = 4096;
/** PID_MAX_LIMIT (include/linux/threads.h): each thread has a number of its own. */
const MOST_THREADS = 2 ** 22;

interface Draft {
  threads?: number | undefined;
  threadsMax?: number | undefined;
  pidMax?: number | undefined;
  files?: Limits['files'] | undefined;
  cgroupPids?: Limits['cgroupPids'] | undefined;
}

export function parseLimits(text: string): Reading<Limits> {
  const draft: Draft = {};
  const trouble = eachKind(text, draft, LINES);
  if (trouble !== undefined) return trouble;
  const { threads, threadsMax, pidMax, files, cgroupPids = null } = draft;
  if (threads === undefined || threadsMax === undefined || pidMax === undefined || files === undefined)
    return garbled(1, 'no loadavg, threads-max, pid-max or file-nr');
  return read({ threads, threadsMax, pidMax, files, cgroupPids });
}

const LINES: Readonly<Record<string, LineReader<Draft>>> = {
  loadavg(draft, words) {
    draft.threads = count(/^\d+\/(\d+)$/.exec(words[3] ?? '')?.[1], MOST_THREADS);
    return draft.threads !== undefined;
  },
  'threads-max'(draft, words) {
    draft.threadsMax = limitOf(words, INT_MAX);
    return draft.threadsMax !== undefined;
  },
  'pid-max'(draft, words) {
    draft.pidMax = limitOf(words, MOST_THREADS);
    return draft.pidMax !== undefined;
  },
  'file-nr'(draft, words) {
    const [open, , max] = counts(words, 3, LONG_MAX) ?? [];
    // The second field has been 0 since 2.6.
    draft.files = open === undefined || max === undefined ? undefined : { open, max };
    return draft.files !== undefined;
  },
  cgroup(draft, [current, max, ...words]) {
    const [used, most] = counts([current ?? '', max ?? ''], 2, MOST_THREADS) ?? [];
    const path = words.join(' ');
    if (used === undefined || most === undefined || path.length > LONGEST_PATH) return false;
    draft.cgroupPids = { path, current: used, max: most };
    return true;
  },
};

/** The kernel lets none of them be 0. */
function limitOf(words: readonly string[], most: number): number | undefined {
  const [value] = counts(words, 1, most) ?? [];
  return value === 0 ? undefined : value;
}
