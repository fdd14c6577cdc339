/** Lines of the kernel log that matter to TCP, counted by what they say. */
import type { Source } from '#domain/evidence.ts';
import { type Reading, read } from '#domain/reading.ts';
import { fragment } from './fragment.ts';
import { eachLine, integer } from './lines.ts';

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

export const kernelLog: Source<KernelLog> = {
  name: 'kernel-log',
  cadence: 'between',
  script: fragment('kernel-log'),
  limit: 10,
  parse: parseKernelLog,
};

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
    const count = integer(first);
    const line = whole.trim().replace(/^\d+\s+/, '');
    const message = KERNEL_MESSAGES.find((kind) => line.toLowerCase().includes(SIGNS[kind]));
    if (count === undefined || message === undefined) return false;
    const last = /^\[\s*(\d+\.\d+)\]/.exec(line)?.[1];
    messages.push({ message, count, last: last === undefined ? null : Number(last), line });
    return true;
  });
  return trouble ?? read({ messages });
}
