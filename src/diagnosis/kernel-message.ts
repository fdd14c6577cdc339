/** When the kernel last logged a message: an old line in the log is history, not the present. */
import { type Missing, type Reading, unreadable } from '#domain/reading.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { KernelLog, KernelMessage } from '#evidence/kernel-log.ts';

/** The kernel limits how often it repeats these messages, so one within this time says that the trouble is here now. */
const RECENT_SECONDS = 600;

export interface LoggedMessage {
  readonly count: number;
  /** null where the log carries no times. */
  readonly secondsAgo: number | null;
  readonly recent: boolean;
}

/** Undefined when the message is not in the log, or the log could not be read. */
export function loggedMessage(
  message: KernelMessage,
  log: Reading<KernelLog>,
  host: Reading<HostFacts>,
): LoggedMessage | undefined {
  if (log.kind !== 'read') return undefined;
  const entry = log.value.messages.find((one) => one.message === message);
  if (entry === undefined) return undefined;
  const dated = entry.last !== null && host.kind === 'read';
  const secondsAgo = dated && entry.last !== null ? Math.max(0, host.value.uptime - entry.last) : null;
  return { count: entry.count, secondsAgo, recent: secondsAgo !== null && secondsAgo <= RECENT_SECONDS };
}

/** What keeps "not logged lately" from being said: no log, or a message in it that cannot be dated. */
export function unseenMessage(
  message: KernelMessage,
  log: Reading<KernelLog>,
  host: Reading<HostFacts>,
): Missing | undefined {
  if (log.kind !== 'read') return log;
  const entry = log.value.messages.find((one) => one.message === message);
  if (entry === undefined) return undefined;
  if (entry.last === null) return UNDATED;
  return host.kind === 'read' ? undefined : host;
}

const NO_TIMES = unreadable('failed', 'dmesg prints no times');
const UNDATED: Missing = { ...NO_TIMES, reason: { ...NO_TIMES.reason, reading: 'kernel-log' } };
