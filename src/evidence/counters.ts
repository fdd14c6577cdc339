/** /proc/net/netstat and /proc/net/snmp: cumulative counters of this network namespace since boot (net/ipv4/proc.c). */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { count, eachLine, LONG_MAX } from './lines.ts';

/** By `Group.Name`, e.g. `TcpExt.ListenOverflows`, `Tcp.OutRsts`. A counter this kernel does not have is missing. */
export type Counters = Readonly<Record<string, number>>;

export const netstat: Source<Counters> = {
  name: 'netstat',
  cadence: 'each',
  // The other groups are kilobytes, and no diagnosis asks for them.
  files: [{ paths: ['/proc/net/netstat'], keep: '^TcpExt:', how: 'need' }],
  parse: (text) => parseCounters(text, 'TcpExt'),
};

export const snmp: Source<Counters> = {
  name: 'snmp',
  cadence: 'each',
  files: [{ paths: ['/proc/net/snmp'], keep: '^Tcp:', how: 'need' }],
  parse: (text) => parseCounters(text, 'Tcp'),
};

/** The group is part of every counter's name: one of a megabyte before as many counters would take all the memory there is. */
export const GROUP = /^\w{1,32}:$/;
export const NAME = /^\w{1,64}$/;

/**
 * Pairs of lines with the same `Group:`: first the names, then the values. Every kernel prints `group`: without it all
 * of its counters would seem to be absent.
 */
export function parseCounters(text: string, group: string): Reading<Counters> {
  const counters: Record<string, number> = {};
  let names: readonly string[] | undefined;
  let seen = false;
  const trouble = eachLine(text, (words) => {
    if (names === undefined) {
      names = words;
      return GROUP.test(words[0] ?? '') && words.slice(1).every((word) => NAME.test(word));
    }
    const [prefix, columns] = [words[0]?.replace(':', '.'), names.slice(1)];
    if (words[0] !== names[0] || words.length !== names.length) return false;
    names = undefined;
    seen ||= prefix === `${group}.`;
    return columns.every((name, column) => {
      const value = counterOf(name, words[column + 1]);
      if (value !== undefined) counters[`${prefix}${name}`] = value;
      return value !== undefined;
    });
  });
  if (trouble !== undefined) return trouble;
  if (names !== undefined) return garbled(1, 'names without values');
  if (!seen) return garbled(1, `no ${group} lines`);
  return read(counters);
}

/** Tcp.MaxConn is no counter, and -1 on every Linux: connections are not limited (snmp_seq_show_tcp_udp). */
function counterOf(name: string, text: string | undefined): number | undefined {
  return name === 'MaxConn' && text === '-1' ? -1 : count(text, LONG_MAX);
}
