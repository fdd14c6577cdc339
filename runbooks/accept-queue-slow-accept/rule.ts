import { keepsUp, looksAtCap, type SeenQueue } from '#diagnosis/accept-queue.ts';
import { rate, WALK, type Walk, type WalkGiven, walkFacts, walkFrom } from '#diagnosis/accept-walk.ts';
import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { fact, flag } from '#domain/fact.ts';
import { unreadable } from '#domain/reading.ts';
import { found, type Judgement, ruledOut, type Severity, undecided } from '#domain/verdict.ts';

export const diagnosis = defineDiagnosis({
  id: 'accept-queue-slow-accept',
  area: 'accept-queue',
  ...WALK,
  explains: ['accept-queue-overflow-app-backlog', 'accept-queue-overflow-somaxconn', 'syn-queue-overflow'],
  judge,
});

function judge(given: WalkGiven): Judgement {
  const walk = walkFrom(given);
  const slow = walk.queues.find((queue) => keepsUp(queue, walk.accepted) === false);
  const queue = slow ?? walk.queues[0];
  const facts = { ...walkFacts(queue, walk, given), ...goneFacts(queue, given) };
  if (slow !== undefined) return found(severityOf(slow, walk), facts);
  if (walk.overflows.kind !== 'read') return undecided(walk.overflows);
  if (given.maybe['accept-queues'].kind !== 'read') return undecided(given.maybe['accept-queues']);
  // A queue at each of one or two looks may be the same burst met twice.
  if (queue !== undefined && keepsUp(queue, walk.accepted) === null)
    return undecided(unreadable('failed', 'too few looks at the accept queues: the interval is under 2 s'));
  return ruledOut(facts);
}

/** Full at every look; where no cap is seen, never empty while some queue of the host overflows. */
function severityOf(queue: SeenQueue, { overflows, blamed }: Walk): Severity {
  const full = looksAtCap(queue) === queue.waiting.length;
  const overflowing = queue.cap === null && queue === blamed && (rate(overflows) ?? 0) > 0;
  return full || overflowing ? 'crit' : 'warn';
}

/** Clients that gave up: their connections wait on, and accept() hands them over all the same. */
function goneFacts(queue: SeenQueue | undefined, { maybe: { sockets } }: WalkGiven) {
  const groups = sockets.kind === 'read' ? sockets.value.closeWait : [];
  const gone = groups
    .filter(({ listeningPort }) => listeningPort === queue?.port)
    .reduce((sum, { unaccepted }) => sum + unaccepted, 0);
  return {
    gone: fact(sockets.kind === 'read' ? gone : null, 'connections', 'sockets: CLOSE_WAIT without an owner'),
    someGone: flag(gone > 0, 'gone > 0'),
  };
}
