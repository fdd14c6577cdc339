import { keepsUp, looksAtCap, type SeenQueue } from '#diagnosis/accept-queue.ts';
import { overflowSeverity } from '#diagnosis/accept-queue-overflow.ts';
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
  const slow = walk.queues.find((queue) => keepsUp(queue, rate(walk.opened)) === false);
  const queue = slow ?? walk.queues[0];
  const facts = { ...walkFacts(queue, walk, given), ...goneFacts(queue, given) };
  if (slow !== undefined) return found(severityOf(slow, walk), facts);
  if (walk.overflows.kind !== 'read') return undecided(walk.overflows);
  if (given.maybe['accept-queues'].kind !== 'read') return undecided(given.maybe['accept-queues']);
  // A queue at each of one or two looks may be the same burst met twice.
  if (queue !== undefined && keepsUp(queue, rate(walk.opened)) === null)
    return undecided(unreadable('failed', 'too few looks at the accept queues: the interval is under 2 s'));
  return ruledOut(facts);
}

/** At its cap at every look, or refusing connections: a cause is no milder than its effect. */
function severityOf(queue: SeenQueue, walk: Walk): Severity {
  const atCap = looksAtCap(queue) === queue.waiting.length;
  return atCap || overflowSeverity(queue, walk) === 'crit' ? 'crit' : 'warn';
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
