import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { type LoggedMessage, loggedMessage, unseenMessage } from '#diagnosis/kernel-message.ts';
import { type Delta, delta } from '#domain/evidence.ts';
import { fact, flag, setting } from '#domain/fact.ts';
import type { Reading } from '#domain/reading.ts';
import { found, ruledOut, type Severity, undecided } from '#domain/verdict.ts';
import type { HostFacts } from '#evidence/host.ts';

/** tcp_mem is in pages. Only these machines have one page size; arm64 and ppc64 kernels come with 4 or 64 KiB. */
const PAGE_BYTES: Readonly<Record<string, number>> = { x86_64: 4096, i686: 4096, s390x: 4096 };

/** Socket buffers above a quarter of the memory take it from the applications they serve. */
const MEMORY_SHARE = 0.25;

/** tcp_out_of_resources (net/ipv4/tcp_timer.c) counts resets for want of memory and for too many orphans alike. */
const ORPHANS_MAY_RESET = 0.25;

const NO_LIMITS = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

export const diagnosis = defineDiagnosis({
  id: 'tcp-mem-pressure',
  area: 'memory',
  needs: ['sockstat'],
  uses: ['sysctl:net.ipv4.tcp_mem', 'sysctl:net.ipv4.tcp_max_orphans', 'kernel-log', 'host'],
  usesChange: [
    'counter:TcpExt.TCPMemoryPressures',
    'counter:TcpExt.TCPAbortOnMemory',
    'counter:TcpExt.PruneCalled',
    'counter:TcpExt.TCPRcvCollapsed',
    'counter:TcpExt.TCPRcvQDrop',
  ],

  judge({ now: { sockstat }, maybe, maybeChange }) {
    const mem = maybe['sysctl:net.ipv4.tcp_mem'];
    const maxOrphans = maybe['sysctl:net.ipv4.tcp_max_orphans'];
    const pressures = maybeChange['counter:TcpExt.TCPMemoryPressures'];
    const aborts = maybeChange['counter:TcpExt.TCPAbortOnMemory'];
    const message = loggedMessage('out-of-tcp-memory', maybe['kernel-log'], maybe.host);
    const facts = memoryFacts(sockstat.memoryPages, mem, maybe.host, maybeChange, message);
    const explained = orphansExplain(sockstat.orphans, maxOrphans);
    const severity = severityOf(sockstat.memoryPages, mem, message, explained ? 0 : grown(aborts), grown(pressures));
    if (severity !== undefined) return found(severity, facts);
    const blockedBy =
      [mem, pressures, aborts].find((reading) => reading.kind !== 'read') ??
      unseenMessage('out-of-tcp-memory', maybe['kernel-log'], maybe.host);
    return blockedBy === undefined ? ruledOut(facts) : undecided(blockedBy);
  },
});

type Changes = Readonly<Record<`counter:TcpExt.${Counter}`, Reading<Delta<number>>>>;
type Counter = 'TCPMemoryPressures' | 'TCPAbortOnMemory' | 'PruneCalled' | 'TCPRcvCollapsed' | 'TCPRcvQDrop';
type Triple = readonly [low: number, pressure: number, max: number];

/** A reset counted while orphans are many and memory is not says nothing about memory: fin-wait2-orphan-pileup has it. */
function orphansExplain(orphans: number, max: Reading<number>): boolean {
  return max.kind === 'read' && orphans >= ORPHANS_MAY_RESET * Math.max(1, max.value);
}

function severityOf(
  pages: number,
  mem: Reading<Triple>,
  message: LoggedMessage | undefined,
  aborts: number,
  pressures: number,
): Severity | undefined {
  const [, pressure, max] = mem.kind === 'read' ? mem.value : NO_LIMITS;
  if (pages >= max || message?.recent || aborts > 0) return 'crit';
  return pages >= pressure || pressures > 0 ? 'warn' : undefined;
}

function grown(change: Reading<Delta<number>>): number {
  return change.kind === 'read' ? delta(change.value) : 0;
}

function memoryFacts(
  pages: number,
  mem: Reading<Triple>,
  host: Reading<HostFacts>,
  changes: Changes,
  message: LoggedMessage | undefined,
) {
  const [low, pressure, max] = mem.kind === 'read' ? mem.value : [null, null, null];
  const page = host.kind === 'read' ? (PAGE_BYTES[host.value.machine] ?? null) : null;
  const ram = host.kind === 'read' ? host.value.memoryBytes : null;
  const counted = (name: Counter) =>
    fact(
      grown(changes[`counter:TcpExt.${name}`]) || null,
      'events',
      `counter:TcpExt.${name}, growth between the samples`,
    );
  return {
    pages: fact(pages, 'pages', 'sockstat: TCP mem, of the whole host'),
    low: setting(low, 'sysctl:net.ipv4.tcp_mem, first number'),
    pressure: setting(pressure, 'sysctl:net.ipv4.tcp_mem, second number'),
    max: setting(max, 'sysctl:net.ipv4.tcp_mem, third number'),
    share: fact(max === null ? null : pages / Math.max(1, max), 'ratio', 'pages / max'),
    full: flag(max !== null && pages >= max, 'pages >= max'),
    bytes: fact(page === null ? null : pages * page, 'bytes', 'pages * page size of this machine'),
    quarter: fact(
      page === null || ram === null ? null : Math.floor((ram * MEMORY_SHARE) / page),
      'pages',
      'memory / 4 / page size',
    ),
    pressures: counted('TCPMemoryPressures'),
    aborts: counted('TCPAbortOnMemory'),
    pruned: counted('PruneCalled'),
    collapsed: counted('TCPRcvCollapsed'),
    dropped: counted('TCPRcvQDrop'),
    logged: flag(message?.recent ?? false, 'kernel-log: "out of memory -- consider tuning tcp_mem", last 10 min'),
    loggedAgo: fact(message?.secondsAgo ?? null, 'seconds', 'host: uptime - time of that message'),
  };
}
