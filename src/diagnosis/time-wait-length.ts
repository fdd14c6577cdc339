/** How long this kernel keeps TIME_WAIT, by the timers of sockets that were made during the check. */
import { type Delta, delta } from '#domain/evidence.ts';
import { type Missing, type Reading, unreadable } from '#domain/reading.ts';
import type { Sockets } from '#evidence/sockets.ts';
import type { Sockstat } from '#evidence/sockstat.ts';

/** What a rule lists under `usesChange` to ask `measureTimeWait`. */
export const LENGTH_CHANGES = ['sockets', 'sockstat', 'counter:TcpExt.TW', 'counter:TcpExt.TWKilled'] as const;

interface LengthChanges {
  readonly sockets: Reading<Delta<Sockets>>;
  readonly sockstat: Reading<Delta<Sockstat>>;
  readonly 'counter:TcpExt.TW': Reading<Delta<number>>;
  readonly 'counter:TcpExt.TWKilled': Reading<Delta<number>>;
}

export type TimeWaitLength =
  | { readonly kind: 'measured'; readonly atLeast: number; readonly atMost: number }
  | { readonly kind: 'blocked'; readonly by: Missing };

/** Fewer may all come from one burst, whose timers show its age and not the length. */
const FEWEST_SOCKETS = 50;
const FEWEST_NEW = 20;
/** How well the longest timer and (sockets / rate) must agree where the second sample has no timers. */
const AGREEMENT = 0.25;

const QUIET = unreadable('too-quiet', 'TIME_WAIT');

/** Seconds. The longest timer is a lower bound; a socket made between the samples makes it an upper bound, plus the interval. */
export function measureTimeWait(changes: LengthChanges): TimeWaitLength {
  const { sockets, sockstat, 'counter:TcpExt.TW': ended, 'counter:TcpExt.TWKilled': killed } = changes;
  for (const reading of [sockets, sockstat, ended, killed])
    if (reading.kind !== 'read') return { kind: 'blocked', by: reading };
  if (sockets.kind !== 'read' || sockstat.kind !== 'read' || ended.kind !== 'read' || killed.kind !== 'read')
    return { kind: 'blocked', by: QUIET };
  const counted = delta(ended.value) + delta(killed.value);
  const longest = sockets.value.before.timeWaitTimer?.max ?? 0;
  if (sockets.value.before.states['time-wait'] < FEWEST_SOCKETS || created(counted, sockstat.value) < FEWEST_NEW)
    return { kind: 'blocked', by: QUIET };
  if (sockets.value.after.coverage === 'all') return byTimers(sockets.value, longest);
  return byRate(sockstat.value, counted, longest);
}

/** At least so many: the counters count new sockets since about 6.1 and ended ones before, and those show as a falling total. */
function created(counted: number, { before, after }: Delta<Sockstat>): number {
  return counted + Math.min(0, after.timeWait - before.timeWait);
}

/** Without new sockets the longest timer would have run down by the whole interval. */
function byTimers({ after, seconds }: Delta<Sockets>, before: number): TimeWaitLength {
  const longest = after.timeWaitTimer?.max ?? 0;
  if (longest <= before - seconds / 2) return { kind: 'blocked', by: QUIET };
  return { kind: 'measured', atLeast: Math.max(before, longest), atMost: Math.max(before, longest + seconds) };
}

/** A large table is read once. Steady traffic holds (rate × length) sockets: the rate must bear out the longest timer. */
function byRate({ before, after, seconds }: Delta<Sockstat>, counted: number, longest: number): TimeWaitLength {
  const length = (((before.timeWait + after.timeWait) / 2) * seconds) / counted;
  if (Math.abs(length - longest) > AGREEMENT * longest) return { kind: 'blocked', by: QUIET };
  return { kind: 'measured', atLeast: longest, atMost: longest + seconds };
}
