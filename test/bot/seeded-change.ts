/** A change as others have left it, put where the bot finds it: no host has heard of it. */
import { newId } from '#app/new-id.ts';
import { proposalEntry } from '#change/entry.ts';
import { planHash } from '#change/plan-hash.ts';
import type { Change, ChangeId, ChangeState } from '#domain/change.ts';
import type { Message, Snapshot } from '#local-slack/snapshot.ts';
import { changeCards } from './change-people.ts';
import { planOf } from './change-plans.ts';
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
  // A fix whose words name one fact.
  const plan = {
    ...planOf(host, 1),
    fix: 'restore-timestamps',
    facts: { value: { value: 0, unit: 'setting' as const, from: 'test' } },
  };
  const now = new Date();
  const change: Change = {
    id: newId(`seeded ${++serial} ${now.getTime()}`) as string as ChangeId,
    host,
    run: newId('seeded'),
    plan,
    hash: planHash(plan, 10),
    revertMinutes: 10,
    reason: 'checkout fails',
    requester: { surface: 'slack', id: requester },
    proposedAt: now,
    expiresAt: new Date(now.getTime() + 1_800_000),
    needs: { approvals: 1, outside: false },
    breakGlass: false,
    review: null,
    approvals: [],
    proofs: [],
    state,
    revision: 0,
    ...more,
  };
  await store.cards.add({
    id: change.id,
    subject: { kind: 'change', id: change.id },
    place: { channel: ONCALL, thread: null },
    language: 'en',
    askedBy: requester,
  });
  await changes.store.changes.propose(change, proposalEntry(change, now));
  // What is under way has its host to itself.
  if ((await changes.store.changes.find(change.id)) === undefined) throw new Error(`${host} is taken.`);
  await changes.announce(change.id);
  const cardIn = (seen: Snapshot) => changeCards(seen).find((card) => JSON.stringify(card.blocks).includes(change.id));
  await slack.until((seen) => cardIn(seen) !== undefined);
  return { id: change.id, card: () => cardIn(slack.snapshot()) as Message };
}

export function onTrial(): ChangeState {
  const now = new Date();
  return { kind: 'on-trial', at: now, until: new Date(now.getTime() + 600_000), wanted: null, dropped: null };
}
