/** Listening sockets and their accept queues: sock_diag(7), read by us or by ss(8), or /proc/net/tcp where neither can be had. */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { fromProcNetTcp, splitEndpoint } from './address.ts';
import { addUpTo, count, eachLine, portNumber, UINT_MAX } from './lines.ts';
import { socketTable } from './socket-table.ts';

export interface Listener {
  /** `*` for any address. */
  readonly address: string;
  readonly port: number;
  /** Connections waiting to be accepted. */
  readonly waiting: number;
  /** The queue's cap, min(listen() backlog, somaxconn); null where it cannot be seen (/proc, or ss without tcp_diag). It holds cap + 1. */
  readonly cap: number | null;
}

export interface Listeners {
  /** `ss`: sock_diag told, through ss or without it. `proc`: the host has no ss, and nothing else of ours to ask sock_diag with. */
  readonly via: 'ss' | 'proc';
  readonly listeners: readonly Listener[];
  readonly omitted: number;
}

/** The fragment prints 200. */
const MOST = 1000;

export const listeners: Source<Listeners> = {
  name: 'listeners',
  cadence: 'each',
  probe: socketTable,
  parse: parseListeners,
};

const BIG_ENDIAN = /^(?:s390x?|ppc|ppc64|sparc.*|mips|mips64|m68k|parisc.*)$/;

export function isLittleEndian(machine: string): boolean {
  return !BIG_ENDIAN.test(machine);
}

/**
 * `via sock_diag`, `via ss` or `via proc MACHINE`, then lines as ss -ltn or /proc/net/tcp print them (of sock_diag the queue, its
 * cap, and the endpoint), then `omitted N`.
 */
export function parseListeners(text: string): Reading<Listeners> {
  const found: Listener[] = [];
  let omitted: number | undefined;
  let headed = false;
  let bySs = false;
  let readRow: ((words: readonly string[]) => Listener | undefined) | undefined;
  const trouble = eachLine(text, (words) => {
    if (words[0] === 'via') {
      bySs = words[1] === 'ss';
      readRow = words[1] !== 'proc' ? fromSs : (row) => fromProc(row, isLittleEndian(words[2] ?? ''));
      return true;
    }
    if (words[0] === 'omitted') {
      omitted = count(words[1]);
      return omitted !== undefined;
    }
    if (words[0] === 'State' || words[0] === 'Recv-Q' || words[0] === 'Netid') {
      headed = true;
      return true;
    }
    const listener = readRow?.(words);
    return listener !== undefined && addUpTo(MOST, found, listener);
  });
  if (trouble !== undefined) return trouble;
  if (omitted === undefined) return garbled(1, 'no end line');
  // ss prints its head even when nothing listens.
  if (bySs && !headed && found.length === 0) return garbled(1, 'ss printed nothing');
  return read({ via: readRow === fromSs ? 'ss' : 'proc', listeners: bySs ? withoutBlindCaps(found) : found, omitted });
}

/** `LISTEN 0 128 0.0.0.0:22 0.0.0.0:*`; the state is left out by some versions when only one is asked for. */
function fromSs(words: readonly string[]): Listener | undefined {
  const [waiting, cap, local] = words[0] === 'LISTEN' ? words.slice(1) : words;
  const endpoint = splitEndpoint(local ?? '');
  // Both are unsigned ints (sk_ack_backlog, sk_max_ack_backlog).
  const numbers = [count(waiting, UINT_MAX), count(cap, UINT_MAX), portNumber(endpoint?.port)];
  const [queue, limit, port] = numbers;
  if (endpoint === undefined || queue === undefined || limit === undefined || port === undefined) return undefined;
  return { address: endpoint.address, port, waiting: queue, cap: limit };
}

function fromProc(words: readonly string[], littleEndian: boolean): Listener | undefined {
  const endpoint = fromProcNetTcp(words[1] ?? '', littleEndian);
  const queue = /^[0-9A-F]{8}:([0-9A-F]{8})$/i.exec(words[4] ?? '')?.[1];
  if (endpoint === undefined || queue === undefined || words[3] !== '0A') return undefined;
  return { address: endpoint.address, port: endpoint.port, waiting: Number.parseInt(queue, 16), cap: null };
}

/** Without the kernel's tcp_diag, ss falls back to /proc and prints 0 for every cap. */
function withoutBlindCaps(found: readonly Listener[]): readonly Listener[] {
  return found.some(({ cap }) => cap !== 0) ? found : found.map((listener) => ({ ...listener, cap: null }));
}
