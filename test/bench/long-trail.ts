/** An audit trail of many records in Redis, as changes write it: each is asked for, approved, applied and reverted. */
import type { Redis } from 'ioredis';
import { newId } from '#app/new-id.ts';
import { type AuditEntry, type AuditHead, chain, NOTHING_YET } from '#change/audit.ts';
import { openHash } from '#change/bound.ts';
import { type ChangeEvent, decide } from '#change/decide.ts';
import { entryOf, proposalEntry } from '#change/entry.ts';
import type { Change } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import { HEAD, TRAIL } from '#store/audit-trail.ts';
import { RECORD } from '#store/change-scripts.ts';
import { keyOf } from '#store/keys.ts';
import { planOf } from '../bot/change-plans.ts';
import { proposedChange, SYSCTL_KIND } from '../bot/change-samples.ts';

const PORTION = 1000;
const BEGAN = Date.UTC(2026, 0, 1);
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
  let change = proposedChange(newId(`change ${serial}`), planOf(`web-${serial % 50}`, 2), now);
  const entries = [proposalEntry(SYSCTL_KIND, change, now)];
  for (const event of eventsOf(change, now)) {
    const decided = decide(SYSCTL_KIND, change, event, now);
    if (decided.kind === 'refused') throw new Error(`${event.kind} was refused: ${decided.why}.`);
    entries.push(entryOf(SYSCTL_KIND, change, decided.change, event, now));
    change = decided.change;
  }
  return entries;
}

function eventsOf(change: Change, now: Date): readonly ChangeEvent[] {
  const reverts = new Date(now.getTime() + 10 * 60_000);
  const done = { kind: 'done', gate: 'apply', artefact: null, remarks: [], reverts, seen: 2 } as const;
  return [
    { kind: 'approve', by: BOB, hash: openHash(SYSCTL_KIND, change) ?? '', signature: null, userGroups: [] },
    { kind: 'start' },
    done,
    { kind: 'wish', what: 'revert', by: BOB },
    { kind: 'undone', why: 'person', remarks: [] },
  ];
}
