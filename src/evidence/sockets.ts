/** The TCP socket table, aggregated on the host: sock_diag(7), or /proc/net/tcp and tcp6 (Documentation/networking/proc_net_tcp), or ss(8). */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { knownAddress } from './address.ts';
import { addUpTo, counts, eachKind, type LineReader, portNumber } from './lines.ts';
import { socketTable } from './socket-table.ts';

export const TCP_STATES = [
  'established',
  'syn-sent',
  'syn-recv',
  'fin-wait-1',
  'fin-wait-2',
  'time-wait',
  'close',
  'close-wait',
  'last-ack',
  'listen',
  'closing',
  'new-syn-recv',
] as const;

export type TcpState = (typeof TCP_STATES)[number];

export interface Sockets {
  /**
   * `all`: every socket was counted. `transient`: the table was too large to read twice, so this second look left out
   * established and time-wait sockets; their counts are absent, not zero.
   */
  readonly coverage: 'all' | 'transient';
  /** Sockets by state; a state with no socket is 0. */
  readonly states: Readonly<Record<TcpState, number>>;
  /** Ports with a listening socket, ascending. */
  readonly listeningPorts: readonly number[];
  /** Sockets whose local port has a listener, by that port, busiest first. */
  readonly inbound: readonly InboundPort[];
  /** Sockets whose local port has no listener, by (source, destination, port), busiest first. */
  readonly outbound: readonly Destination[];
  /** Outbound sockets by source address, busiest first. */
  readonly sources: readonly SourceAddress[];
  /** Seconds left on the TIME_WAIT timers; null when there is no TIME_WAIT socket or coverage is `transient`. */
  readonly timeWaitTimer: { readonly min: number; readonly max: number } | null;
  /** FIN_WAIT_2 by its timer: time-wait mini-sockets, full orphans (keepalive timer), and sockets an application still holds. */
  readonly finWait2: { readonly miniSockets: number; readonly orphans: number; readonly held: number };
  /** CLOSE_WAIT by local port and peer, most first. `unread`: those with unread bytes. `unaccepted`: no owner yet (inode 0). */
  readonly closeWait: readonly CloseWaitGroup[];
  /** Groups that did not fit in the lists above; their sockets are still in `states`. */
  readonly omitted: {
    readonly inbound: number;
    readonly outbound: number;
    readonly sources: number;
    readonly closeWait: number;
  };
  /** Outbound sockets of destinations first met after 50,000 others, which were not counted by destination. */
  readonly uncounted: number;
}

export interface InboundPort {
  readonly port: number;
  readonly total: number;
  readonly established: number;
  readonly timeWait: number;
  readonly synRecv: number;
  readonly closeWait: number;
  readonly finWait2: number;
}

export interface Destination {
  /** IPv4-mapped IPv6 addresses are given as IPv4. */
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  /** Every state but LISTEN. */
  readonly total: number;
  /** Of `total`, those whose local port lies in ip_local_port_range. */
  readonly inRange: number;
  /** Of `inRange`, those with an odd local port. */
  readonly odd: number;
  readonly established: number;
  /** Of `established`, those with a keepalive timer running. */
  readonly keepalive: number;
  readonly timeWait: number;
  /** TIME_WAIT whose timer has more than 50 s left: made in the last 10 s where TIME_WAIT lasts 60 s. */
  readonly timeWaitYoung: number;
  /** TIME_WAIT whose timer has less than 10 s left: ports that come free in the next 10 s. */
  readonly timeWaitOld: number;
  readonly synSent: number;
  /** Of `synSent`, those that have sent their SYN again at least once. */
  readonly synSentRetransmitted: number;
  readonly closeWait: number;
}

export interface SourceAddress {
  readonly address: string;
  /** Distinct local ports in ip_local_port_range in use by outbound sockets of this address. */
  readonly distinctPorts: number;
  /** Of those, odd ones. */
  readonly oddPorts: number;
  readonly sockets: number;
}

/** Accepted connections by (listening port, peer address); outgoing ones by (peer address, peer port). */
export interface CloseWaitGroup {
  /** null for outgoing connections. */
  readonly listeningPort: number | null;
  readonly peer: string;
  /** null for accepted connections. */
  readonly peerPort: number | null;
  readonly sockets: number;
  readonly unread: number;
  readonly unaccepted: number;
}

export const sockets: Source<Sockets> = { name: 'sockets', cadence: 'each', probe: socketTable, parse: parseSockets };

/** What the aggregated lines add up to, while they are read. */
interface Draft {
  coverage?: Sockets['coverage'];
  readonly states: Record<TcpState, number>;
  readonly listeningPorts: Set<number>;
  readonly inbound: InboundPort[];
  readonly outbound: Destination[];
  readonly sources: SourceAddress[];
  readonly closeWait: CloseWaitGroup[];
  timeWaitTimer: Sockets['timeWaitTimer'];
  finWait2: Sockets['finWait2'];
  omitted?: Sockets['omitted'];
  uncounted?: number;
}

/** The fragment prints 40 rows of a kind at most, and counts the others. */
const MOST = 200;
const MOST_PORT = 65_535;

export function parseSockets(text: string): Reading<Sockets> {
  const draft: Draft = {
    states: Object.fromEntries(TCP_STATES.map((state) => [state, 0])) as Record<TcpState, number>,
    listeningPorts: new Set(),
    inbound: [],
    outbound: [],
    sources: [],
    closeWait: [],
    timeWaitTimer: null,
    finWait2: { miniSockets: 0, orphans: 0, held: 0 },
  };
  const trouble = eachKind(text, draft, LINES);
  if (trouble !== undefined) return trouble;
  const { coverage, uncounted, omitted } = draft;
  if (coverage === undefined || uncounted === undefined || omitted === undefined)
    return garbled(1, 'no coverage or end line');
  if (!addsUp(draft)) return garbled(1, 'more sockets by port or peer than by state');
  const listeningPorts = [...draft.listeningPorts].sort((a, b) => a - b);
  return read({ ...draft, coverage, uncounted, omitted, listeningPorts });
}

const INBOUND = ['total', 'port', 'established', 'timeWait', 'synRecv', 'closeWait', 'finWait2'] as const;
const OUTBOUND = [
  'total',
  'port',
  'inRange',
  'odd',
  'established',
  'keepalive',
  'timeWait',
  'timeWaitYoung',
  'timeWaitOld',
  'synSent',
  'synSentRetransmitted',
  'closeWait',
] as const;

/** One reader for each kind of line a program prints; false = cannot read it. */
const LINES: Readonly<Record<string, LineReader<Draft>>> = {
  coverage(draft, [word]) {
    if (word !== 'all' && word !== 'transient') return false;
    draft.coverage = word;
    return true;
  },
  state(draft, [code, ...words]) {
    const state = TCP_STATES[Number.parseInt(code ?? '', 16) - 1];
    const counted = columns(words, ['sockets']);
    if (state === undefined || counted === undefined) return false;
    draft.states[state] += counted.sockets;
    return true;
  },
  listening: (draft, [word]) => take(portNumber(word), (port) => draft.listeningPorts.add(port).size > 0),
  // For the fragments that look up owners; nothing for the parser.
  inode: (_, words) => words.length === 3,
  inbound: (draft, words) =>
    take(columns(words, INBOUND), ({ port, ...counted }) => {
      const { total, ...states } = counted;
      return port <= MOST_PORT && sum(states) <= total && addUpTo(MOST, draft.inbound, { port, ...counted });
    }),
  outbound: (draft, [total = '', source = '', destination = '', ...rest]) =>
    take(columns([total, ...rest], OUTBOUND), (counted) =>
      take(addresses(source, destination), ([from = '', to = '']) => {
        if (counted.port > MOST_PORT || !isOutbound(counted)) return false;
        return addUpTo(MOST, draft.outbound, { source: from, destination: to, ...counted });
      }),
    ),
  source: (draft, [sockets = '', address = '', ...rest]) =>
    take(columns([sockets, ...rest], ['sockets', 'distinctPorts', 'oddPorts']), (counted) =>
      take(addresses(address), ([from = '']) => {
        if (counted.oddPorts > counted.distinctPorts || counted.distinctPorts > counted.sockets) return false;
        return addUpTo(MOST, draft.sources, { address: from, ...counted });
      }),
    ),
  closewait: (draft, [sockets = '', listening = '', peer = '', remote = '', ...rest]) =>
    take(columns([sockets, ...rest], ['sockets', 'unread', 'unaccepted']), (counted) =>
      take(addresses(peer), ([from = '']) => {
        const [listeningPort, peerPort] = [portOrNull(listening), portOrNull(remote)];
        if (listeningPort === undefined || peerPort === undefined) return false;
        if (counted.unread > counted.sockets || counted.unaccepted > counted.sockets) return false;
        return addUpTo(MOST, draft.closeWait, { listeningPort, peer: from, peerPort, ...counted });
      }),
    ),
  timer: (draft, words) =>
    take(columns(words, ['min', 'max']), ({ min, max }) => {
      if (min > max) return false;
      draft.timeWaitTimer = { min: min / 100, max: max / 100 };
      return true;
    }),
  finwait2: (draft, words) =>
    take(columns(words, ['miniSockets', 'orphans', 'held']), (counts) => {
      draft.finWait2 = counts;
      return true;
    }),
  uncounted: (draft, words) =>
    take(columns(words, ['uncounted']), ({ uncounted }) => {
      draft.uncounted = uncounted;
      return true;
    }),
  omitted: (draft, words) =>
    take(columns(words, ['inbound', 'outbound', 'sources', 'closeWait']), (counts) => {
      draft.omitted = counts;
      return true;
    }),
};

/** `-` where there is none. */
function portOrNull(word: string): number | null | undefined {
  return word === '-' ? null : portNumber(word);
}

function addresses(...words: readonly string[]): readonly string[] | undefined {
  const known = words.map(knownAddress);
  return known.every((address) => address !== undefined) ? known : undefined;
}

/** No part of a row is larger than the whole. */
function isOutbound(row: Record<(typeof OUTBOUND)[number], number>): boolean {
  const { total, inRange, odd, established, keepalive, timeWait, timeWaitYoung, timeWaitOld } = row;
  const { synSent, synSentRetransmitted, closeWait } = row;
  return (
    established + timeWait + synSent + closeWait <= total &&
    inRange <= total &&
    odd <= inRange &&
    keepalive <= established &&
    synSentRetransmitted <= synSent &&
    timeWaitYoung + timeWaitOld <= timeWait
  );
}

/** Each socket is counted once by its state, and at most once by port or peer. */
function addsUp({ states: { listen: _, ...states }, inbound, outbound, closeWait, uncounted = 0 }: Draft): boolean {
  const listed = [...inbound, ...outbound].reduce((all, { total }) => all + total, uncounted);
  return listed <= sum(states) && closeWait.reduce((all, { sockets }) => all + sockets, 0) <= states['close-wait'];
}

function sum(row: Readonly<Record<string, number>>): number {
  return Object.values(row).reduce((total, number) => total + number, 0);
}

/** The words as counts under these names; undefined when there are not as many or one is none. */
function columns<N extends string>(words: readonly string[], names: readonly N[]): Record<N, number> | undefined {
  const values = counts(words, names.length);
  return values && (Object.fromEntries(names.map((name, column) => [name, values[column]])) as Record<N, number>);
}

type Taken = ReturnType<LineReader<Draft>>;

function take<T>(value: T | undefined, use: (value: T) => Taken): Taken {
  return value !== undefined && use(value);
}
