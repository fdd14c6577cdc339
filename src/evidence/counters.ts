/** /proc/net/netstat and /proc/net/snmp: cumulative counters of this network namespace since boot (net/ipv4/proc.c). */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { fragment } from './fragment.ts';
import { eachLine, integers } from './lines.ts';

/** By `Group.Name`, e.g. `TcpExt.ListenOverflows`, `Tcp.OutRsts`. A counter this kernel does not have is missing. */
export type Counters = Readonly<Record<string, number>>;

export const netstat: Source<Counters> = {
  name: 'netstat',
  cadence: 'each',
  script: fragment('netstat'),
  limit: 0,
  parse: parseCounters,
};

export const snmp: Source<Counters> = {
  name: 'snmp',
  cadence: 'each',
  script: fragment('snmp'),
  limit: 0,
  parse: parseCounters,
};

/** The group is part of every counter's name: one of a megabyte before as many counters would take all the memory there is. */
export const GROUP = /^\w{1,32}:$/;
export const LONGEST_NAME = 64;

/** Pairs of lines with the same `Group:`: first the names, then the values. */
export function parseCounters(text: string): Reading<Counters> {
  const counters: Record<string, number> = {};
  let names: readonly string[] | undefined;
  const trouble = eachLine(text, (words) => {
    if (names === undefined) {
      names = words;
      return GROUP.test(words[0] ?? '') && words.every((word) => word.length <= LONGEST_NAME);
    }
    const values = words[0] === names[0] ? integers(words.slice(1), names.length - 1) : undefined;
    for (const [column, value] of values?.entries() ?? [])
      counters[`${names[0]}${names[column + 1]}`.replace(':', '.')] = value;
    names = undefined;
    return values !== undefined;
  });
  if (trouble !== undefined) return trouble;
  if (names !== undefined || Object.keys(counters).length === 0) return garbled(1, 'names without values');
  return read(counters);
}
