/** Looks after what nobody looks after: ends what was lost, truthfully, queues what was never queued, has shown what was not shown. */
import { dueOf } from '#change/due.ts';
import { progressMark } from '#change/progress.ts';
import type { Card, Subject } from '#domain/card.ts';
import { type Change, isOver } from '#domain/change.ts';
import { type Check, hasEnded } from '#domain/check.ts';
import type { Announce, Cards } from './card-ports.ts';
import type { ChangeQueue, Changes } from './change-ports.ts';
import type { CheckQueue, Checks } from './check-ports.ts';
import { cardDue, checkDue, type Progress } from './due.ts';
import { eachApart, type OnTrouble } from './each-apart.ts';
import { kindOf, type TransitionTools, transition } from './transition.ts';

interface Tools {
  readonly runs: Checks;
  readonly changes: Changes;
  readonly cards: Cards;
  readonly announce: Announce;
  readonly now: () => Date;
  readonly onTrouble: OnTrouble;
}

type CheckTools = Omit<Tools, 'changes' | 'cards'> & { readonly queue: CheckQueue };
type ChangeTools = TransitionTools & Pick<Tools, 'onTrouble'> & { readonly queue: ChangeQueue };
type CardTools = Omit<Tools, 'now'>;

export async function reconcileChecks(tools: CheckTools): Promise<void> {
  await eachApart(await tools.runs.active(), (check) => reconcileCheck(check, tools), tools.onTrouble);
}

async function reconcileCheck(check: Check, { runs, queue, announce, now }: CheckTools): Promise<void> {
  const { id } = check;
  const due = checkDue(check, await queue.standing(id), now());
  if (due.kind === 'queue') await queue.add(check);
  if (due.kind !== 'end') return;
  if ((await runs.end({ ...check, attempt: null }, { kind: 'lost', why: due.why })) === undefined) return;
  if ((await queue.remove(id)) === 'running') await queue.stop(id);
  await announce({ kind: 'check', id }, 'now');
}

export async function reconcileChanges(tools: ChangeTools): Promise<void> {
  await eachApart(await tools.changes.active(), (change) => reconcileChange(change, tools), tools.onTrouble);
}

async function reconcileChange(change: Change, tools: ChangeTools): Promise<void> {
  const { id } = change;
  const due = dueOf(kindOf(change, tools.kinds), change, tools.now());
  if (due?.kind === 'advance' || due?.kind === 'tell') return tools.queue.add(id, due.kind, due.key);
  if (due?.kind === 'expire') await transition(id, { kind: 'expire' }, tools);
}

export async function reconcileCards(tools: CardTools): Promise<void> {
  await eachApart(await tools.cards.unsettled(), (card) => reconcileCard(card, tools), tools.onTrouble);
}

async function reconcileCard(card: Card, tools: CardTools): Promise<void> {
  const due = cardDue(card, await progressOf(card.subject, tools));
  if (due !== 'nothing') await tools.announce(card.subject, due);
}

/** Undefined when it is not there, or cannot be read. */
async function progressOf(subject: Subject, { runs, changes }: CardTools): Promise<Progress | undefined> {
  if (subject.kind === 'check') {
    const check = await runs.find(subject.id);
    return check && { revision: check.revision, progress: '', isOver: hasEnded(check) };
  }
  const change = await changes.find(subject.id);
  if (change === undefined) return undefined;
  const progress = progressMark(await changes.progressOf(change));
  return { revision: change.revision, progress, isOver: isOver(change) };
}
