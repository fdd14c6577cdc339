/** /proc/net/sockstat and sockstat6: sockets in use, orphans, TIME_WAIT and memory (net/ipv4/proc.c). */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { GROUP, LONGEST_NAME } from './counters.ts';
import { fragment } from './fragment.ts';
import { eachLine, integer } from './lines.ts';

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
  script: fragment('sockstat'),
  limit: 0,
  parse: parseSockstat,
};

export function parseSockstat(text: string): Reading<Sockstat> {
  const said: Record<string, number> = {};
  const trouble = eachLine(text, ([group = '', ...words]) => {
    if (!GROUP.test(group) || words.length % 2 !== 0) return false;
    return words.every((word, index) => {
      if (index % 2 === 0) return true;
      const [name = '', value] = [words[index - 1], integer(word)];
      if (value === undefined || name.length > LONGEST_NAME) return false;
      said[`${group}${name}`] = value;
      return true;
    });
  });
  if (trouble !== undefined) return trouble;
  const [used, inUse, timeWait] = [said['sockets:used'], said['TCP:inuse'], said['TCP:tw']];
  if (used === undefined || inUse === undefined || timeWait === undefined) return garbled(1, 'no sockets or TCP line');
  return read({
    used,
    tcpInUse: inUse + (said['TCP6:inuse'] ?? 0),
    timeWait,
    orphans: said['TCP:orphan'] ?? 0,
    allocated: said['TCP:alloc'] ?? 0,
    memoryPages: said['TCP:mem'] ?? 0,
  });
}
