/** Evidence with n of everything, past what any parser lets through: what a rule makes of it must not grow faster than n. */
import type { Evidence, Sample } from '#domain/evidence.ts';
import { type Reading, read } from '#domain/reading.ts';
import type { AcceptQueues } from '#evidence/accept-queues.ts';
import type { Counters } from '#evidence/counters.ts';
import type { Listeners } from '#evidence/listeners.ts';
import type { PeerTimestamps } from '#evidence/peer-timestamps.ts';
import type { PersistedSysctls } from '#evidence/persisted-sysctls.ts';
import type { Processes } from '#evidence/processes.ts';
import type { Sockets } from '#evidence/sockets.ts';
import { parseSample } from '#evidence/sources.ts';
import { SYSCTL_KEYS, type SysctlKey, type Sysctls } from '#evidence/sysctls.ts';
import { recorded } from './sections.ts';

/** `alike`: all n share their address, port, user or file; otherwise all differ. */
export type Likeness = 'alike' | 'different';

const RANGE = [1024, 65_535] as const;

export function evidenceOf(n: number, likeness: Likeness): Evidence {
  return { samples: [sampleOf(n, likeness, 1), sampleOf(n, likeness, 2)] };
}

function sampleOf(n: number, likeness: Likeness, number: 1 | 2): Sample {
  const own = (i: number) => (likeness === 'alike' ? 0 : i);
  const names = ['host', 'sockstat', 'limits', 'kernel-log', 'conntrack', 'netstat', 'snmp'];
  const texts = Object.fromEntries(names.map((name) => [name, { kind: 'text', text: recorded(name) } as const]));
  const { readings } = parseSample({ readings: texts });
  return {
    readings: {
      ...readings,
      netstat: grown(readings['netstat'], number),
      snmp: grown(readings['snmp'], number),
      sysctls: read(sysctlsOf(n)),
      listeners: read(listenersOf(n, own)),
      'accept-queues': read(queuesOf(n, own)),
      sockets: read(socketsOf(n, own)),
      'peer-timestamps': read(peersOf(n, own)),
      processes: read(processesOf(n, own)),
      'persisted-sysctls': read(persistedOf(n, own)),
    },
  };
}

/** Every counter went up between the samples. */
function grown(reading: Reading<unknown> | undefined, number: number): Reading<Counters> {
  const counters = reading?.kind === 'read' ? (reading.value as Counters) : {};
  return read(Object.fromEntries(Object.entries(counters).map(([name, value]) => [name, value + number * 1000])));
}

function each<T>(n: number, make: (i: number) => T): readonly T[] {
  return Array.from({ length: n }, (_, i) => make(i));
}

type Own = (i: number) => number;

function sysctlsOf(n: number): Sysctls {
  const liveOf = (key: SysctlKey) => {
    if (key === 'net.ipv4.ip_local_port_range') return RANGE;
    if (key === 'net.ipv4.ip_local_reserved_ports') return each(n, (i) => ({ first: 2 * i, last: 2 * i }));
    return ['net.ipv4.tcp_mem', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'].includes(key) ? [1, 2, 3] : 1;
  };
  return Object.fromEntries(SYSCTL_KEYS.map((key) => [key, read(liveOf(key))])) as unknown as Sysctls;
}

function listenersOf(n: number, own: Own): Listeners {
  return {
    via: 'ss',
    omitted: 0,
    listeners: each(n, (i) => ({ address: `127.0.${own(i)}`, port: 1025 + 2 * own(i), waiting: 0, cap: own(i) })),
  };
}

function queuesOf(n: number, own: Own): AcceptQueues {
  const queue = (i: number) => ({
    address: `127.0.${own(i)}`,
    port: 1025 + 2 * own(i),
    cap: own(i),
    waiting: [0, 0, 0],
  });
  return { looks: 3, queues: each(n, queue) };
}

function socketsOf(n: number, own: Own): Sockets {
  const many = 20_000;
  const outbound = (i: number) => ({
    source: `10.0.0.${own(i)}`,
    destination: `203.0.${own(i)}.1`,
    port: 443,
    total: many,
    inRange: many,
    odd: many / 2,
    established: many / 4,
    keepalive: 0,
    timeWait: many / 2 + 1,
    timeWaitYoung: 0,
    timeWaitOld: 1,
    synSent: 100,
    synSentRetransmitted: 50,
    closeWait: 0,
  });
  return {
    coverage: 'all',
    states: Object.fromEntries(
      [
        'established',
        'syn-sent',
        'syn-recv',
        'fin-wait-1',
        'fin-wait-2',
        'time-wait',
        'close',
        'close-wait',
        'last-ack',
      ]
        .concat(['listen', 'closing', 'new-syn-recv'])
        .map((state) => [state, many * n]),
    ) as Sockets['states'],
    listeningPorts: each(n, (i) => 1025 + 2 * i),
    inbound: each(n, (i) => ({
      ...{
        port: 1025 + 2 * own(i),
        total: many,
        established: 1,
        timeWait: many,
        synRecv: 9,
        closeWait: 1,
        finWait2: 1,
      },
    })),
    outbound: each(n, outbound),
    sources: each(n, (i) => ({ address: `10.0.0.${own(i)}`, distinctPorts: 60_000, oddPorts: 59_000, sockets: many })),
    timeWaitTimer: { min: 1, max: 60 },
    finWait2: { miniSockets: many, orphans: many, held: many },
    closeWait: each(n, (i) => ({
      ...{
        listeningPort: 1025 + own(i),
        peer: `10.1.${own(i)}`,
        peerPort: null,
        sockets: 100,
        unread: 1,
        unaccepted: 1,
      },
    })),
    omitted: { inbound: 0, outbound: 0, sources: 0, closeWait: 0 },
    uncounted: 0,
  };
}

function peersOf(n: number, own: Own): PeerTimestamps {
  // The fragment asks for three, and the parser takes 50.
  const few = Math.min(n, 50);
  return {
    destinations: each(few, (i) => ({ destination: `10.9.${own(i)}`, port: 443, sockets: 20, withTimestamps: 0 })),
  };
}

function processesOf(n: number, own: Own): Processes {
  return {
    userThreads: {},
    omitted: 0,
    seen: 'all',
    // The parser takes 100.
    processes: each(Math.min(n, 100), (i) => ({
      pid: i,
      name: 'nginx',
      uid: 1000 + own(i),
      threads: 100,
      descriptors: 900,
      descriptorLimit: { soft: 1000, hard: 1000 },
      processLimit: 101,
      limitsSeen: true,
      listeningPorts: [1025 + 2 * own(i)],
      closeWait: 10,
      netns: '1',
    })),
    ownerless: { ports: each(n, (i) => i), closeWait: 1 },
    otherNamespaces: each(Math.min(n, 40), (i) => ({ netns: String(i), pid: i, name: 'x', listeningPorts: [80] })),
  };
}

function persistedOf(n: number, own: Own): PersistedSysctls {
  const value = (i: number) => ({
    ...{ key: SYSCTL_KEYS[own(i) % SYSCTL_KEYS.length] ?? 'net.core.somaxconn', value: String(i) },
    ...{ file: `/etc/sysctl.d/${own(i)}.conf`, line: i },
  });
  const keys = each(n, (i) => {
    const key = i < SYSCTL_KEYS.length ? (SYSCTL_KEYS[i] ?? '') : `net.other.${i}`;
    return { key, boot: { ...value(i), key }, system: { ...value(i + 1), key }, shadowed: each(i < 2 ? n : 0, value) };
  });
  return { keys, tuned: { profile: 'x', values: each(n, value) }, unreadableFiles: each(n, String) };
}
