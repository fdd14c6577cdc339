/** A change as others have left it, put where the bot finds it: no host has heard of it. */
import { newId } from '#app/new-id.ts';
import { proposalEntry } from '#change/entry.ts';
import type { Change, ChangeId, ChangeState, Gate } from '#domain/change.ts';
import type { Message, Snapshot } from '#local-slack/snapshot.ts';
import { changeCards } from './change-people.ts';
import { plainPlan } from './change-plans.ts';
import { onTrial, proposedChange, SYSCTL_KIND } from './change-samples.ts';
import { ONCALL, type SlackDesk } from './slack-desk.ts';

let serial = 0;

/** Asked for by `requester` a moment ago, for ten minutes; resolves when its card is there. */
export async function seedChange(
  { store, changes, slack }: SlackDesk,
  host: string,
  requester: string,
  state: ChangeState,
  more: Partial<Change> = {},
): Promise<{ readonly id: ChangeId; readonly card: () => Message }> {
  const plan = plainPlan(host);
  const now = new Date();
  const id = newId(`seeded ${++serial} ${now.getTime()}`);
  const asked = { requester: { surface: 'slack', id: requester }, reason: 'checkout fails', state } as const;
  const proposed = proposedChange(id, plan, now, { ...asked, ...more });
  const change = { ...proposed, gates: proposed.gates.map((gate, index) => ({ ...gate, ...openUntil(index, state) })) };
  await store.cards.add({
    id: change.id,
    subject: { kind: 'change', id: change.id },
    place: { channel: ONCALL, thread: null },
    language: 'en',
    askedBy: requester,
  });
  await changes.store.changes.propose(change, proposalEntry(SYSCTL_KIND, change, now));
  // What is under way has its host to itself.
  if ((await changes.store.changes.find(change.id)) === undefined) throw new Error(`${host} is taken.`);
  await changes.announce({ kind: 'change', id: change.id }, 'now');
  const cardIn = (seen: Snapshot) => changeCards(seen).find((card) => JSON.stringify(card.blocks).includes(change.id));
  await slack.until((seen) => cardIn(seen) !== undefined);
  return { id: change.id, card: () => cardIn(slack.snapshot()) as Message };
}

export function inTrial(): ChangeState {
  const now = new Date();
  return onTrial(now, new Date(now.getTime() + 600_000));
}

function openUntil(index: number, state: ChangeState): Partial<Gate> {
  const isOpen = state.kind === 'waiting' && state.gate === index && state.reverts !== null;
  return isOpen ? { expiresAt: state.reverts } : {};
}
