/** Lines of the kernel log that matter to TCP, counted by what they say. */
import { type Reading, read } from '#domain/reading.ts';
import { defineSource } from './fragment.ts';
import { count, eachLine } from './lines.ts';

export const KERNEL_MESSAGES = [
  'syn-flooding',
  'time-wait-overflow',
  'too-many-orphans',
  'out-of-tcp-memory',
  'conntrack-table-full',
  'file-max-reached',
  'port-parity',
  'cgroup-fork-rejected',
] as const;

export type KernelMessage = (typeof KERNEL_MESSAGES)[number];

export interface KernelLog {
  /** Messages of one kind. `last` is seconds since boot of the newest one, null when the log has no times. */
  readonly messages: readonly {
    readonly message: KernelMessage;
    readonly count: number;
    readonly last: number | null;
    readonly line: string;
  }[];
}

export const kernelLog = defineSource({ name: 'kernel-log', parse: parseKernelLog });

/** What tells the messages apart, in lower case; the wording is the kernel's. */
const SIGNS: Readonly<Record<KernelMessage, string>> = {
  'syn-flooding': 'syn flooding',
  'time-wait-overflow': 'time wait bucket',
  'too-many-orphans': 'orphaned sockets',
  'out-of-tcp-memory': 'tuning tcp_mem',
  'conntrack-table-full': 'table full',
  'file-max-reached': 'file-max limit',
  'port-parity': 'different parity',
  'cgroup-fork-rejected': 'fork rejected',
};

/** `COUNT [SECONDS] text` for each kind, the newest line's text. */
export function parseKernelLog(text: string): Reading<KernelLog> {
  const messages: { message: KernelMessage; count: number; last: number | null; line: string }[] = [];
  const trouble = eachLine(text, ([first], whole) => {
    const times = count(first);
    const line = whole.trim().replace(/^\d+\s+/, '');
    const message = KERNEL_MESSAGES.find((kind) => line.toLowerCase().includes(SIGNS[kind]));
    const last = lastOf(line);
    if (times === undefined || times === 0 || message === undefined || last === undefined) return false;
    messages.push({ message, count: times, last, line });
    return true;
  });
  return trouble ?? read({ messages });
}

/** The kernel puts `[    1.234567]` before each line, unless it is told not to (printk.time); undefined = anything else in brackets. */
function lastOf(line: string): number | null | undefined {
  if (!line.startsWith('[')) return null;
  const time = /^\[ *(\d{1,10}\.\d{1,9})\]/.exec(line)?.[1];
  return time === undefined ? undefined : Number(time);
}
