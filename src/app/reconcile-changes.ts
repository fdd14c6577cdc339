/** Looks after changes that nobody looks after: ends what has expired, queues what was lost, asks hosts how they stand. */
import { type Change, isLive } from '#domain/change.ts';
import type { AnnounceChange, ChangeCards, ChangeQueue, Changes } from './change-ports.ts';
import { eachApart, type OnTrouble } from './each-apart.ts';
import { transitionChange } from './transition-change.ts';

export interface ReconcileChangesTools {
  readonly changes: Changes;
  readonly changeCards: ChangeCards;
  readonly queue: ChangeQueue;
  readonly announce: AnnounceChange;
  readonly now: () => Date;
  readonly onTrouble: OnTrouble;
}

/** A worker that applies takes seconds; one that was killed leaves the change like this. */
const APPLYING_MS = 75_000;
/** The host goes back by itself; then it is asked. */
const AFTER_TRIAL_MS = 2_000;
const WANTED_MS = 70_000;
/** Nothing has begun: a task that its worker took to the grave is given to the next one. */
const TAKEN_MS = 30_000;
const ASK_EVERY_MS = 15_000;
/** A host that has said nothing for long is asked less often. */
const STALE_MS = 10 * 60_000;
const ASK_STALE_EVERY_MS = 5 * 60_000;

export async function reconcileChanges(tools: ReconcileChangesTools): Promise<void> {
  await eachApart(await tools.changes.active(), (change) => reconcileChange(change, tools), tools.onTrouble);
}

async function reconcileChange(change: Change, tools: ReconcileChangesTools): Promise<void> {
  const { queue, changeCards, announce } = tools;
  const { id, state } = change;
  const now = tools.now().getTime();
  const every = isStale(change, tools.now()) ? ASK_STALE_EVERY_MS : ASK_EVERY_MS;
  const bucket = String(Math.floor(now / every));
  const card = await changeCards.find(id);
  if (card !== undefined && card.shown < change.revision) await announce(id);
  if ((state.kind === 'proposed' || state.kind === 'approved') && now >= change.expiresAt.getTime()) {
    const moved = await transitionChange(id, { kind: 'expire' }, tools);
    if (moved.kind === 'moved') await announce(id);
    return;
  }
  if (!isLive(change)) return;
  // Whoever approved it died before it was in the queue, or whoever took it from there. It begins once, however often it is added.
  if (state.kind === 'approved') await queue.add(id, 'apply', now < state.at.getTime() + TAKEN_MS ? 'once' : bucket);
  if (needsAsking(change, now)) await queue.add(id, 'settle', bucket);
}

/** Nobody has been able to say for so long that it is no matter of a broken connection. */
export function isStale({ state }: Change, now: Date): boolean {
  return state.kind === 'outcome-unknown' && now.getTime() > state.at.getTime() + STALE_MS;
}

function needsAsking({ state }: Change, now: number): boolean {
  switch (state.kind) {
    case 'applying':
      return now > state.at.getTime() + APPLYING_MS;
    case 'on-trial':
      return (
        now > state.until.getTime() + AFTER_TRIAL_MS ||
        (state.wanted !== null && now > state.wanted.at.getTime() + WANTED_MS)
      );
    case 'kept':
      return state.wanted !== null && now > state.wanted.at.getTime() + WANTED_MS;
    case 'outcome-unknown':
      return true;
    default:
      return false;
  }
}
