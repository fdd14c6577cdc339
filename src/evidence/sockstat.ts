/** /proc/net/sockstat and sockstat6: sockets in use, orphans, TIME_WAIT and memory (net/ipv4/proc.c). */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { GROUP, NAME } from './counters.ts';
import { count, eachLine, LONG_MAX } from './lines.ts';

export interface Sockstat {
  /** All kinds of sockets of this network namespace. */
  readonly used: number;
  /** IPv4 and IPv6 TCP sockets in use in this network namespace. */
  readonly tcpInUse: number;
  /** TIME_WAIT mini-sockets, orphaned FIN_WAIT_2 included. */
  readonly timeWait: number;
  /** Host-wide, not per namespace. */
  readonly orphans: number;
  /** Host-wide. */
  readonly allocated: number;
  /** Pages of socket buffers, host-wide. */
  readonly memoryPages: number;
}

export const sockstat: Source<Sockstat> = {
  name: 'sockstat',
  cadence: 'each',
  // The second is absent where IPv6 is off.
  files: [{ paths: ['/proc/net/sockstat'], how: 'need' }, { paths: ['/proc/net/sockstat6'] }],
  parse: parseSockstat,
};

/** Sums over CPUs, of which the kernel itself prints none below zero (sock_prot_inuse_get, proto_memory_allocated). */
export function parseSockstat(text: string): Reading<Sockstat> {
  const said: Record<string, number> = {};
  const trouble = eachLine(text, ([group = '', ...words]) => {
    if (!GROUP.test(group) || words.length % 2 !== 0) return false;
    return words.every((word, index) => {
      if (index % 2 === 0) return true;
      const name = words[index - 1] ?? '';
      const value = name.startsWith('mem') ? count(word, LONG_MAX) : count(word);
      if (value === undefined || !NAME.test(name)) return false;
      said[`${group}${name}`] = value;
      return true;
    });
  });
  if (trouble !== undefined) return trouble;
  const { 'sockets:used': used, 'TCP:inuse': inUse, 'TCP:tw': timeWait } = said;
  const { 'TCP:orphan': orphans, 'TCP:alloc': allocated, 'TCP:mem': memoryPages } = said;
  if (used === undefined || inUse === undefined || timeWait === undefined) return garbled(1, 'no sockets or TCP line');
  if (orphans === undefined || allocated === undefined || memoryPages === undefined)
    return garbled(1, 'a TCP line without orphan, alloc or mem');
  return read({
    used,
    tcpInUse: inUse + (said['TCP6:inuse'] ?? 0),
    timeWait,
    orphans,
    allocated,
    memoryPages,
  });
}
