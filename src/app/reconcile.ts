/** Ends what nobody will end any more, truthfully, queues what was never queued, and has shown what was not shown. */
import type { Card } from '#domain/card.ts';
import { type Check, hasEnded } from '#domain/check.ts';
import type { Announce, Cards, CheckQueue, Checks, EndState } from './check-ports.ts';
import { eachApart, type OnTrouble } from './each-apart.ts';

export interface ReconcileTools {
  readonly runs: Checks;
  readonly cards: Cards;
  readonly queue: CheckQueue;
  readonly announce: Announce;
  readonly now: () => Date;
  readonly onTrouble: OnTrouble;
}

/** A worker ends its run itself at the deadline; this is for those that could not. */
const GRACE_MS = 5_000;
/** Time to get from the store into the queue. */
const QUEUED_WITHIN_MS = 5_000;

type Lost = Extract<EndState, { kind: 'lost' }>['why'];

export async function reconcile(tools: ReconcileTools): Promise<void> {
  await eachApart(await tools.runs.active(), (run) => reconcileCheck(run, tools), tools.onTrouble);
  await showTheUnshown(tools);
}

async function reconcileCheck(run: Check, tools: ReconcileTools): Promise<void> {
  const { runs, queue, announce, now } = tools;
  const standing = await queue.standing(run.id);
  const why = whyLost(run, standing, now().getTime());
  if (why === undefined) {
    // Whoever asked died between the store and the queue.
    if (standing === 'absent' && isOverdue(run, now().getTime())) await queue.add(run);
    return;
  }
  if ((await runs.end(run.id, null, { kind: 'lost', why })) === undefined) return;
  if ((await queue.remove(run.id)) === 'running') await queue.stop(run.id);
  await announce(run.id, 'now');
}

/** Undefined while somebody may still end it. */
function whyLost(run: Check, standing: Awaited<ReturnType<CheckQueue['standing']>>, now: number): Lost | undefined {
  if (standing === 'ended' || (standing === 'absent' && run.attempt > 0)) return 'worker-gone';
  if (now < run.deadline.getTime() + GRACE_MS) return undefined;
  if (run.attempt === 0) return 'no-worker';
  return standing === 'running' ? 'deadline' : 'worker-gone';
}

function isOverdue(run: Check, now: number): boolean {
  return now > run.askedAt.getTime() + QUEUED_WITHIN_MS;
}

async function showTheUnshown({ runs, cards, announce, onTrouble }: ReconcileTools): Promise<void> {
  async function show(card: Card): Promise<void> {
    const run = await runs.find(card.run);
    if (run === undefined) await cards.settle(card.id);
    else if (hasEnded(run)) await announce(run.id, 'now');
    else if (run.revision > card.shown) await announce(run.id, 'soon');
  }
  await eachApart(await cards.unsettled(), show, onTrouble);
}
