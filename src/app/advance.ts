/** What a worker does for a change: begins the work behind a gate, asks how it stands, carries out a wish. Each step is written before and after. */
import { isOverdue } from '#change/due.ts';
import type { Deed } from '#change/kind.ts';
import { type Change, type ChangeId, trialOf } from '#domain/change.ts';
import type { AdvanceTools } from './advance-ports.ts';
import { begin } from './begin-work.ts';
import { findGateHost } from './may-begin.ts';
import { tell } from './tell-host.ts';
import { patienceOf, transition } from './transition.ts';

/** Rejects with a StoreDown: what is in Redis then is what a reconciler goes by. */
export async function advance(id: ChangeId, tools: AdvanceTools): Promise<void> {
  const change = await tools.changes.find(id);
  switch (change?.state.kind) {
    case 'queued':
      return begin(change, tools);
    case 'working':
      return goOn(change, tools);
    case 'waiting':
      return trialOf(change) && ask(change, trialOf(change)?.wish?.what ?? 'look', tools);
    case 'unclear':
      return ask(change, 'look', tools);
  }
}

async function goOn(change: Change, tools: AdvanceTools): Promise<void> {
  const { id, state } = change;
  if (state.kind !== 'working') return;
  if (state.wish !== null) return ask(change, state.wish.what, tools);
  // Another worker is on it; asked before its time is over, the host could take its order for one that never came.
  if (!isOverdue(change, tools.now().getTime())) return;
  // An order may take minutes, and an answer longer than it is until the next question: one worker at a time.
  if (patienceOf(change, tools.kinds) > 0) await tools.changes.alone(id, () => ask(change, 'look', tools));
  else await ask(change, 'look', tools);
}

async function ask(change: Change, deed: Deed, tools: AdvanceTools): Promise<void> {
  const { id, state, revision } = change;
  const host = await findGateHost(change, tools);
  if (!('kind' in host)) return tell(change, host, deed, tools);
  if (state.kind === 'waiting' && deed !== 'look') {
    await transition(id, { kind: 'drop', seen: revision }, tools);
    return;
  }
  const over = trialOf(change) !== undefined && isOverdue(change, tools.now().getTime());
  if (state.kind === 'working' || over) await transition(id, { kind: 'lose', why: host.kind }, tools);
}
