/** Host-wide limits on threads, processes and files: /proc/loadavg, /proc/sys/{kernel,fs}, cgroup pids. */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { fragment } from './fragment.ts';
import { eachLine, integers } from './lines.ts';

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

export const limits: Source<Limits> = {
  name: 'limits',
  cadence: 'between',
  script: fragment('limits'),
  limit: 5,
  parse: parseLimits,
};

/** PATH_MAX */
const LONGEST_PATH = 4096;

export function parseLimits(text: string): Reading<Limits> {
  const said: {
    threads?: number;
    threadsMax?: number;
    pidMax?: number;
    files?: Limits['files'];
    cgroupPids?: Limits['cgroupPids'];
  } = {};
  const trouble = eachLine(text, ([kind, ...words]) => {
    switch (kind) {
      case 'loadavg':
        said.threads = Number(/^\d+\/(\d+)$/.exec(words[3] ?? '')?.[1]);
        return Number.isFinite(said.threads);
      case 'threads-max':
        said.threadsMax = Number(words[0]);
        return integers(words, 1) !== undefined;
      case 'pid-max':
        said.pidMax = Number(words[0]);
        return integers(words, 1) !== undefined;
      case 'file-nr':
        // The second field has been 0 since 2.6.
        said.files = { open: Number(words[0]), max: Number(words[2]) };
        return integers(words, 3) !== undefined;
      case 'cgroup':
        said.cgroupPids = { current: Number(words[0]), max: Number(words[1]), path: words.slice(2).join(' ') };
        return integers(words.slice(0, 2), 2) !== undefined && said.cgroupPids.path.length <= LONGEST_PATH;
      default:
        return false;
    }
  });
  if (trouble !== undefined) return trouble;
  const { threads, threadsMax, pidMax, files, cgroupPids = null } = said;
  if (threads === undefined || threadsMax === undefined || pidMax === undefined || files === undefined)
    return garbled(1, 'no loadavg, threads-max, pid-max or file-nr');
  return read({ threads, threadsMax, pidMax, files, cgroupPids });
}
