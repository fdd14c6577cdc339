/** Changes in memory, behind the ports of the use cases; every write is judged. */
import type { Committed } from '#app/change-ports.ts';
import type { AuditEntry } from '#change/audit.ts';
import {
  type Change,
  type ChangeId,
  type HostLock,
  hostHeld,
  isOver,
  type OrderedFreeze,
  stageOf,
  type WorkProgress,
} from '#domain/change.ts';

export interface Memory {
  readonly changes: Map<ChangeId, Change>;
  /** Every version of every change, for people who look at an old card. */
  readonly seen: Change[];
  readonly locks: Map<string, HostLock>;
  readonly freezes: Map<string, OrderedFreeze>;
  /** The stage that the last record of each change says it has come to. */
  readonly stages: Map<string, string | null>;
  /** What hosts said of the work under way. */
  readonly progress: Map<ChangeId, WorkProgress>;
  records: number;
  /** Somebody has written into the store: nothing holds but that no work begins without its approvals. */
  isForged: boolean;
}

export function createMemory(): Memory {
  return {
    changes: new Map(),
    seen: [],
    locks: new Map(),
    freezes: new Map(),
    stages: new Map(),
    progress: new Map(),
    records: 0,
    isForged: false,
  };
}

export class Broken extends Error {}

export function must(holds: boolean, what: string): void {
  if (!holds) throw new Broken(what);
}

/** As the script of the store: with its record, or not at all. */
export function write(memory: Memory, before: Change | null, after: Change, entry: AuditEntry): Committed | 'repeated' {
  const stored = memory.changes.get(after.id);
  if (before === null ? stored !== undefined : stored?.revision !== before.revision)
    return before === null ? 'repeated' : 'stale';
  const [had, has] = [before === null ? null : hostHeld(before), hostHeld(after)];
  if (has !== null && has !== had && (memory.locks.get(has)?.change ?? after.id) !== after.id) return 'locked';
  if (!memory.isForged) judge(memory, before, after, entry);
  if (had !== null && had !== has && memory.locks.get(had)?.change === after.id) memory.locks.delete(had);
  const since = new Date(0);
  if (has !== null && had !== has) memory.locks.set(has, { change: after.id, token: 1, since, until: since });
  if (!isSameWork(before, after)) memory.progress.delete(after.id);
  memory.changes.set(after.id, after);
  memory.seen.push(after);
  return 'done';
}

function isSameWork(before: Change | null, { state }: Change): boolean {
  if (state.kind !== 'working' && state.kind !== 'queued') return false;
  return before?.state.kind === state.kind && before.state.gate === state.gate;
}

/** No transition without its record, in a chain from stage to stage; nothing after an end; one change on a host. */
function judge(memory: Memory, before: Change | null, after: Change, entry: AuditEntry): void {
  const last = memory.stages.get(after.id) ?? null;
  must(
    entry.change === after.id && entry.to === stageOf(after),
    `${entry.event}: the record says ${entry.to}, it is ${stageOf(after)}`,
  );
  must(entry.from === last, `${entry.event}: the record begins at ${entry.from}, the one before ended at ${last}`);
  must(after.revision === (before?.revision ?? -1) + 1, `${entry.event}: revision ${after.revision}`);
  if (before !== null && isOver(before))
    must(before.state === after.state && before.gates === after.gates, `${entry.event} moved what was over`);
  const host = hostHeld(after);
  for (const other of memory.changes.values())
    must(host === null || other.id === after.id || hostHeld(other) !== host, `two changes have ${host}`);
  memory.stages.set(after.id, entry.to);
  memory.records += 1;
}
