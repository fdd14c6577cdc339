/** Accept queues looked at once a second through the interval: queues are bursty, and one look misses them. */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { fromProcNetTcp, splitEndpoint } from './address.ts';
import { addUpTo, count, eachLine, portNumber, UINT_MAX } from './lines.ts';
import { isLittleEndian } from './listeners.ts';
import { socketTable } from './socket-table.ts';

export interface AcceptQueue {
  readonly address: string;
  readonly port: number;
  /** null where the cap cannot be seen. */
  readonly cap: number | null;
  /** Connections waiting at each look, oldest first; as many as `looks`. */
  readonly waiting: readonly number[];
}

export interface AcceptQueues {
  readonly looks: number;
  /** Only listeners that had a connection waiting at any look; every other listener was empty each time. */
  readonly queues: readonly AcceptQueue[];
}

export const acceptQueues: Source<AcceptQueues> = {
  name: 'accept-queues',
  cadence: 'through',
  probe: socketTable,
  parse: parseAcceptQueues,
};

/** The fragment prints 40, and looks once a second for a minute at most: a list of looks is made for each queue. */
const MOST_QUEUES = 200;
const MOST_LOOKS = 120;

interface Row {
  readonly endpoint: string;
  readonly cap: string;
  readonly seen: readonly string[];
}

/** `via sock_diag`, `via ss` or `via proc MACHINE`, `looks N`, and `queue CAP ADDRESS:PORT LOOK:WAITING...` for queues that were not empty. */
export function parseAcceptQueues(text: string): Reading<AcceptQueues> {
  const rows: Row[] = [];
  let looks: number | undefined;
  let machine = '';
  const trouble = eachLine(text, ([kind, ...words]) => {
    if (kind === 'via') machine = words[1] ?? '';
    else if (kind === 'looks') looks = count(words[0], MOST_LOOKS);
    else if (kind === 'queue')
      return addUpTo(MOST_QUEUES, rows, { cap: words[0] ?? '', endpoint: words[1] ?? '', seen: words.slice(2) });
    else return false;
    return true;
  });
  if (trouble !== undefined) return trouble;
  const made = looks;
  if (made === undefined || made < 1) return garbled(1, 'no looks line');
  const queues = rows.map((row) => queueOf(row, made, machine));
  const bad = queues.indexOf(undefined);
  if (bad >= 0) return garbled(bad + 1, `queue ${rows[bad]?.cap} ${rows[bad]?.endpoint}`);
  return read({ looks: made, queues: queues.filter((queue) => queue !== undefined) });
}

function queueOf({ endpoint, cap, seen }: Row, looks: number, machine: string): AcceptQueue | undefined {
  const at = machine === '' ? splitEndpoint(endpoint) : fromProcNetTcp(endpoint, isLittleEndian(machine));
  const port = portNumber(String(at?.port));
  const limit = cap === '-' ? null : count(cap, UINT_MAX);
  if (at === undefined || port === undefined || limit === undefined) return undefined;
  const waiting = new Array<number>(looks).fill(0);
  for (const look of seen) {
    const [, when, queued] = /^(\d{1,3}):(\d{1,9})$/.exec(look) ?? [];
    if (when === undefined || Number(when) >= looks) return undefined;
    // Listeners that share an address and a port (SO_REUSEPORT) and a cap: the fullest speaks for them.
    waiting[Number(when)] = Math.max(waiting[Number(when)] ?? 0, Number(queued));
  }
  return { address: at.address, port, cap: limit, waiting };
}
