/** An audit trail of many records in Redis, as changes write it: each is asked for, approved, applied and reverted. */
import type { Redis } from 'ioredis';
import { newId } from '#app/new-id.ts';
import { type AuditEntry, type AuditHead, chain, NOTHING_YET } from '#change/audit.ts';
import { type ChangeEvent, decide } from '#change/decide.ts';
import { entryOf, proposalEntry } from '#change/entry.ts';
import { planHash } from '#change/plan-hash.ts';
import type { Change, ChangeId } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import { HEAD, TRAIL } from '#store/audit-trail.ts';
import { RECORD } from '#store/change-scripts.ts';
import { keyOf } from '#store/keys.ts';
import { planOf } from '../bot/change-plans.ts';

const PORTION = 1000;
const MINUTES = 10;
const BEGAN = Date.UTC(2026, 0, 1);
const ALICE: Actor = { surface: 'slack', id: 'U0ALICE' };
const BOB: Actor = { surface: 'slack', id: 'U0BOB' };

/** At least so many, into an empty Redis; resolves with how many. */
export async function writeTrail(redis: Redis, atLeast: number): Promise<number> {
  let head: AuditHead = NOTHING_YET;
  let serial = 0;
  while (head.seq < atLeast) {
    const pipeline = redis.pipeline();
    while (pipeline.length < PORTION)
      for (const entry of storyOf(serial++)) {
        const record = chain(entry, head);
        const words = [head.seq, JSON.stringify(record), record.seq, record.digest, 'hset', 'newest', record.seq];
        pipeline.eval(RECORD, 3, HEAD, TRAIL, keyOf('bench'), ...words);
        head = record;
      }
    for (const [error, answer] of (await pipeline.exec()) ?? [])
      if (error !== null || answer !== 'done') throw error ?? new Error(`A record was not written: ${answer}.`);
  }
  return head.seq;
}

/** What the trail says of one change. */
function storyOf(serial: number): readonly AuditEntry[] {
  const now = new Date(BEGAN + serial * 60_000);
  let change = proposedChange(serial, now);
  const entries = [proposalEntry(change, now)];
  for (const event of eventsOf(change, now)) {
    const decided = decide(change, event, now);
    if (decided.kind === 'refused') throw new Error(`${event.kind} was refused: ${decided.why}.`);
    entries.push(entryOf(change, decided.change, event, now));
    change = decided.change;
  }
  return entries;
}

function eventsOf({ hash }: Change, now: Date): readonly ChangeEvent[] {
  const until = new Date(now.getTime() + MINUTES * 60_000);
  return [
    { kind: 'approve', by: BOB, hash, signature: null, userGroups: [] },
    { kind: 'start' },
    { kind: 'applied', until },
    { kind: 'want', what: 'revert', by: BOB },
    { kind: 'reverted', by: BOB, why: 'person', conflicts: {} },
  ];
}

function proposedChange(serial: number, proposedAt: Date): Change {
  const plan = planOf(`web-${serial % 50}`, 2);
  return {
    id: newId(`change ${serial}`) as string as ChangeId,
    host: plan.host,
    run: newId(`run ${serial}`),
    plan,
    hash: planHash(plan, MINUTES),
    revertMinutes: MINUTES,
    reason: 'checkout fails since the sale began',
    requester: ALICE,
    proposedAt,
    expiresAt: new Date(proposedAt.getTime() + 30 * 60_000),
    needs: { approvals: 1, outside: false },
    breakGlass: false,
    review: null,
    approvals: [],
    proofs: [],
    state: { kind: 'proposed' },
    revision: 0,
  };
}
