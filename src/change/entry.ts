/** The audit entry of a transition: what happened, to what, by whom. Pure. */
import type { Change } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import type { AuditEntry } from './audit.ts';
import type { ChangeEvent } from './decide.ts';

export function entryOf(before: Change, after: Change, event: ChangeEvent, now: Date): AuditEntry {
  const { kind, ...details } = event;
  return {
    at: now.toISOString(),
    change: after.id,
    host: after.host,
    event: kind,
    from: before.state.kind,
    to: after.state.kind,
    actor: actorOf(event),
    hash: after.hash,
    details: { ...details, ...(kind === 'approve' && { steps: stepsOf(after), revertMinutes: after.revertMinutes }) },
  };
}

export function proposalEntry(change: Change, now: Date): AuditEntry {
  const { id, host, requester, hash, reason, revertMinutes, breakGlass, run } = change;
  return {
    at: now.toISOString(),
    change: id,
    host,
    event: 'propose',
    from: null,
    to: change.state.kind,
    actor: requester,
    hash,
    details: { fix: change.plan.fix, reason, revertMinutes, breakGlass, run, steps: stepsOf(change) },
  };
}

function stepsOf({ plan }: Change) {
  return plan.steps.map(({ key, from, to, scope }) => ({ key, from, to, scope }));
}

function actorOf(event: ChangeEvent): Actor | null {
  return 'by' in event && typeof event.by === 'object' ? event.by : null;
}
