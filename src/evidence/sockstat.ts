/** /proc/net/sockstat and sockstat6: sockets in use, orphans, TIME_WAIT and memory (net/ipv4/proc.c). */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { fragment } from './fragment.ts';
import { eachLine } from './lines.ts';

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
    if (!/^\w+:$/.test(group) || words.length % 2 !== 0) return false;
    return words.every((word, index) => {
      if (index % 2 === 0) return true;
      said[`${group}${words[index - 1]}`] = Number(word);
      return /^-?\d+$/.test(word);
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
