/** What the use cases of changes need from a store, a queue and a host. Promises of the store may reject with a StoreDown. */
import type { AuditEntry, AuditHead, AuditRecord } from '#change/audit.ts';
import type { Sign } from '#change/witness.ts';
import type { Change, ChangeId, HostLock, OrderedFreeze, WorkProgress } from '#domain/change.ts';
import type { Announce, TellFreeze } from './card-ports.ts';
import type { CheckQueue, Store } from './check-ports.ts';

/** What was to be kept with a change. */
export type KeptFile =
  | { readonly kind: 'kept'; readonly name: string; readonly at: Date; readonly bytes: number; readonly sha256: string }
  /** `why`: a code, and what it is about. */
  | { readonly kind: 'missed'; readonly name: string; readonly at: Date; readonly why: string };

export type Committed = 'done' | 'stale' | 'locked';

export interface Changes {
  /** `repeated`: this id was proposed before. The older proposals of the host are for the caller to supersede. */
  propose(change: Change, entry: AuditEntry): Promise<'done' | 'repeated'>;
  /** Replaces `before`, and writes the record, in one step. `locked`: another change has the host. */
  commit(before: Change, after: Change, entry: AuditEntry): Promise<Committed>;
  find(id: ChangeId): Promise<Change | undefined>;
  /** Those that are not over, oldest first. */
  active(): Promise<readonly Change[]>;
  /** Newest first. */
  ofHost(host: string, most: number): Promise<readonly Change[]>;
  /** Newest first. */
  recent(most: number): Promise<readonly Change[]>;
  /** The latest one that was to take this one back. */
  takerOf(id: ChangeId): Promise<Change | undefined>;
  /** How the work under way, or what it waits for, was last heard of. Beside the change, and unaudited. */
  progressOf(change: Change): Promise<WorkProgress>;
  /** Until the change moves on. False when it has, and when it is no news. */
  keepProgress(change: Change, progress: WorkProgress): Promise<boolean>;
  /** Runs `work` while no other worker works on this change; undefined, and nothing done, while one does. */
  alone<T>(id: ChangeId, work: () => Promise<T>): Promise<T | undefined>;
  /** Keeps a file, or why there is none, as long as the change; the newest of a name. */
  keepFile(id: ChangeId, name: string, content: Buffer | { readonly why: string }): Promise<void>;
  fileOf(id: ChangeId, name: string): Promise<Buffer | undefined>;
  /** By name. */
  filesOf(id: ChangeId): Promise<readonly KeptFile[]>;
  lockOf(host: string): Promise<HostLock | undefined>;
  /** Takes the lock from whoever holds it, with its record. */
  unlock(host: string, entry: AuditEntry): Promise<boolean>;
}

export interface Freezes {
  list(): Promise<readonly OrderedFreeze[]>;
  freeze(freeze: OrderedFreeze, entry: AuditEntry): Promise<void>;
  /** False when the group was not frozen. */
  thaw(group: string, entry: AuditEntry): Promise<boolean>;
}

export interface AuditTrail {
  head(): Promise<AuditHead>;
  /** Oldest first, in portions; those after this number. */
  records(after?: number): AsyncIterable<readonly AuditRecord[]>;
}

/** A second place that has every record of the trail. */
export interface AuditMirror {
  /** The newest record that is there; 0 = none. */
  readonly position: () => Promise<number>;
  /** Those that follow it, in order. */
  readonly append: (records: readonly AuditRecord[]) => Promise<void>;
}

/** One that several processes of a machine may write. */
export interface AuditCopy extends AuditMirror {
  /** Runs `work` while nobody else writes it; undefined when somebody does. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T | undefined>;
}

/** How far the trail has been posted where no record can be read back. */
export interface AuditPosts {
  /** Null before the first round; `changed` = what is there was not written by us. */
  position(): Promise<number | null | 'changed'>;
  moveTo(seq: number): Promise<void>;
  /** Runs `work` while nobody else posts, on any machine; undefined when somebody does. */
  alone<T>(work: () => Promise<T>): Promise<T | undefined>;
}

export interface ChangeStore {
  readonly changes: Changes;
  readonly freezes: Freezes;
  readonly audit: AuditTrail;
  readonly auditPosts: AuditPosts;
}

/** What a worker is to do about a change. */
export const CHANGE_TASKS = ['advance', 'prove', 'remind', 'tell'] as const;

export type ChangeTask = (typeof CHANGE_TASKS)[number];

export interface ChangeQueue {
  /** Each (id, task, key) is queued once. `delayMs`: not before. */
  add(id: ChangeId, task: ChangeTask, key: string, delayMs?: number): Promise<void>;
}

/** Who writes records. `sign`: with a key of their own; null = with the bot's, where records have to be signed. */
export interface Writer {
  readonly sign: Sign | null;
}

/** Changes without the bot: what a command on its machine works with. */
export interface ChangeTools extends AsyncDisposable {
  readonly store: ChangeStore & Pick<Store, 'runs' | 'reports' | 'cards'>;
  readonly queue: ChangeQueue;
  /** Of the checks that the bot carries out. */
  readonly checks: CheckQueue;
  readonly announce: Announce;
  readonly tellFreeze: TellFreeze;
  /** A file with a copy of the audit trail, line by line: undefined for one that is no record, nothing without a file. */
  readonly readCopy: (file: string) => AsyncIterable<AuditRecord | undefined>;
  /** How far that copy once went. */
  readonly readCopyEnd: (file: string) => Promise<AuditHead | 'damaged' | undefined>;
}
