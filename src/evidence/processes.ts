/** Owners of listeners and of CLOSE_WAIT sockets, with their limits (/proc/PID/{status,limits,fd}); never a scan with -p. */
import { garbled, type Reading, read } from '#domain/reading.ts';
import { defineSource } from './fragment.ts';
import { addUpTo, count, counts, eachKind, type LineReader, LONG_MAX, portNumber, UINT_MAX } from './lines.ts';

export interface ProcessFacts {
  readonly pid: number;
  readonly name: string;
  readonly uid: number;
  readonly threads: number;
  /** Open descriptors; null when this account may not count them. */
  readonly descriptors: number | null;
  /** RLIMIT_NOFILE; null = unlimited. */
  readonly descriptorLimit: { readonly soft: number | null; readonly hard: number | null };
  /** RLIMIT_NPROC, soft; null = unlimited. */
  readonly processLimit: number | null;
  /** Whether this account may read its limits: not of other users' processes before 2.6.35. Where not, all are null. */
  readonly limitsSeen: boolean;
  readonly listeningPorts: readonly number[];
  /** CLOSE_WAIT sockets seen among this process's descriptors. */
  readonly closeWait: number;
  /** Inode of its network namespace; null when not readable. */
  readonly netns: string | null;
}

export interface Processes {
  /** All threads of each owner's user, by uid; RLIMIT_NPROC counts these. */
  readonly userThreads: Readonly<Record<string, number>>;
  /** Owners past the first 40, which were not looked at. */
  readonly omitted: number;
  /** `all` processes' descriptors were readable, or only those of the collector's `own` user. */
  readonly seen: 'all' | 'own';
  readonly processes: readonly ProcessFacts[];
  /** Listening ports and CLOSE_WAIT sockets whose owner was not found. */
  readonly ownerless: { readonly ports: readonly number[]; readonly closeWait: number };
  /** Processes with listeners or connections in another network namespace than the collector's. */
  readonly otherNamespaces: readonly {
    readonly netns: string;
    readonly pid: number;
    readonly name: string;
    readonly listeningPorts: readonly number[];
  }[];
}

export const processes = defineSource({ name: 'processes', parse: parseProcesses });

/** The fragment prints 40 and 10; each is a row of a report. */
const MOST_OWNERS = 100;
const MOST_NAMESPACES = 40;
/** The kernel's are 15 bytes, and 63 for its own threads. */
const LONGEST_NAME = 256;

interface Draft {
  seen?: Processes['seen'];
  readonly processes: ProcessFacts[];
  readonly ports: number[];
  closeWait: number;
  omitted: number;
  readonly userThreads: Record<string, number>;
  readonly otherNamespaces: Processes['otherNamespaces'][number][];
}

export function parseProcesses(text: string): Reading<Processes> {
  const draft: Draft = { processes: [], ports: [], closeWait: 0, omitted: 0, userThreads: {}, otherNamespaces: [] };
  const trouble = eachKind(text, draft, LINES);
  if (trouble !== undefined) return trouble;
  const { seen, ports, closeWait, ...rest } = draft;
  if (seen === undefined) return garbled(1, 'no first line');
  return read({ seen, ...rest, ownerless: { ports, closeWait } });
}

const LINES: Readonly<Record<string, LineReader<Draft>>> = {
  seen(draft, [word]) {
    if (word !== 'all' && word !== 'own') return false;
    draft.seen = word;
    return true;
  },
  process(draft, words) {
    const [
      pid = '',
      uid = '',
      threads = '',
      descriptors = '',
      soft = '',
      hard = '',
      processLimit = '',
      netns = '',
      closeWait = '',
      ports = '',
      ...named
    ] = words;
    const whole = counts([pid, uid, threads, closeWait], 4, UINT_MAX);
    const limits = [soft, hard, processLimit].map(limitOf);
    const [listeningPorts, name, open] = [portList(ports), named.join(' '), orNone(descriptors)];
    if (whole === undefined || listeningPorts === undefined || words.length < 10) return false;
    if (limits.includes(undefined) || open === undefined || orNone(netns) === undefined) return false;
    if (name.length > LONGEST_NAME) return false;
    const [softLimit = null, hardLimit = null, nproc = null] = limits;
    return addUpTo(MOST_OWNERS, draft.processes, {
      pid: Number(pid),
      name,
      uid: Number(uid),
      threads: Number(threads),
      descriptors: open,
      descriptorLimit: { soft: softLimit, hard: hardLimit },
      processLimit: nproc,
      limitsSeen: soft !== '-' && processLimit !== '-',
      listeningPorts,
      closeWait: Number(closeWait),
      netns: netns === '-' ? null : netns,
    });
  },
  user(draft, [uid = '', threads]) {
    const value = count(threads);
    if (count(uid, UINT_MAX) === undefined || value === undefined) return false;
    draft.userThreads[uid] = value;
    return true;
  },
  omitted(draft, [word]) {
    const omitted = count(word);
    draft.omitted = omitted ?? 0;
    return omitted !== undefined;
  },
  ownerless(draft, [kind, word]) {
    const value = kind === 'listen' ? portNumber(word) : count(word);
    if (value === undefined || (kind !== 'listen' && kind !== 'close-wait')) return false;
    if (kind === 'listen') draft.ports.push(value);
    else draft.closeWait += value;
    return true;
  },
  namespace(draft, [netns = '', pid = '', ports = '', ...named]) {
    const [listeningPorts, name] = [portList(ports), named.join(' ')];
    if (counts([netns, pid], 2, UINT_MAX) === undefined || listeningPorts === undefined) return false;
    if (name.length > LONGEST_NAME) return false;
    return addUpTo(MOST_NAMESPACES, draft.otherNamespaces, { netns, pid: Number(pid), name, listeningPorts });
  },
};

/** `22,80`, or `-` for none. */
function portList(text: string): readonly number[] | undefined {
  if (text === '-') return [];
  const ports = text.split(',').map(portNumber);
  return ports.every((port) => port !== undefined) ? [...new Set(ports)].sort((a, b) => a - b) : undefined;
}

/** `-` for what this account may not see, `?` for descriptors nobody could count. */
function orNone(word: string): number | null | undefined {
  return word === '-' || word === '?' ? null : count(word, UINT_MAX);
}

function limitOf(word: string): number | null | undefined {
  return word === 'unlimited' || word === '-' ? null : count(word, LONG_MAX);
}
