/** Judges the queues held by one of the two limits: the application's listen() or net.core.somaxconn. Pure. */
import { type Missing, unreadable } from '#domain/reading.ts';
import { found, type Judgement, ruledOut, type Severity, undecided } from '#domain/verdict.ts';
import type { Listeners } from '#evidence/listeners.ts';
import { fullLooks, halfFullLooks, type Limiter, limiterOf, type SeenQueue, waitingLooks } from './accept-queue.ts';
import { rate, type Walk, type WalkGiven, walkFacts, walkFrom } from './accept-walk.ts';

/** From one refused connection a second users notice; each waits at least 1 s for its SYN to be sent again. */
const CRITICAL_RATE = 1;

/** A queue half full once may be chance; twice within the interval, the next burst overflows it. */
const HALF_FULL_LOOKS = 2;

export function judgeOverflow(limiter: Limiter, given: WalkGiven): Judgement {
  const walk = walkFrom(given);
  const mine = walk.queues.filter((queue) => limiterOf(queue, walk.somaxconn) === limiter);
  const blamed = mine.find((queue) => queue === walk.blamed);
  const queue = blamed ?? mine[0];
  const facts = walkFacts(queue, walk, given);
  const severity = queue && overflowSeverity(queue, walk);
  if (severity !== undefined) return found(severity, facts);
  const gap = missing(walk, given);
  return gap === undefined ? ruledOut(facts) : undecided(gap);
}

/** How bad the overflow of one queue is; undefined = it does not overflow, and is not about to. */
export function overflowSeverity(queue: SeenQueue, { blamed, overflows }: Walk): Severity | undefined {
  const refused = queue === blamed ? (rate(overflows) ?? 0) : 0;
  if (refused >= CRITICAL_RATE || fullLooks(queue) > 0) return 'crit';
  return refused > 0 || halfFullLooks(queue) >= HALF_FULL_LOOKS ? 'warn' : undefined;
}

/** What it would take to rule an overflow out: the counter twice, a look each second, and the caps of queues in use. */
function missing({ overflows, blamed, queues }: Walk, { now, maybe }: WalkGiven): Missing | undefined {
  const looked = maybe['accept-queues'];
  if (overflows.kind !== 'read') return overflows;
  if (looked.kind !== 'read') return looked;
  const unmeasured = (queue: SeenQueue) => queue.cap === null && waitingLooks(queue) >= HALF_FULL_LOOKS;
  if (blamed?.cap === null || queues.some(unmeasured)) return capNotSeen(now.listeners);
  return undefined;
}

/** Without ss, or without the kernel's tcp_diag, nothing says how long a queue may get. */
function capNotSeen({ via }: Listeners): Missing {
  const reading =
    via === 'proc' ? unreadable('no-command', 'ss') : unreadable('failed', 'ss shows no Send-Q for listeners');
  return { ...reading, reason: { ...reading.reason, reading: 'listeners' } };
}
