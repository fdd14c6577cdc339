/** The audit trail: one record a transition, each bound to the one before by a hash, so that none can be changed, left out or moved. */
import { hash } from 'node:crypto';
import { canonical } from '#domain/canonical.ts';
import type { Actor } from '#domain/check.ts';
import type { Sign } from './witness.ts';

export interface AuditEntry {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** A change's id; null for what concerns no change. */
  readonly change: string | null;
  readonly host: string | null;
  /** What happened: an event's kind, or `propose`, `freeze`, `thaw`, `unlock`. */
  readonly event: string;
  /** States before and after. */
  readonly from: string | null;
  readonly to: string | null;
  /** null = the bot or the host itself. */
  readonly actor: Actor | null;
  /** The plan's hash. */
  readonly hash: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditRecord extends AuditEntry {
  /** 1, 2, 3... without gaps. */
  readonly seq: number;
  /** Digest of the record before; 64 zeros for the first. */
  readonly prev: string;
  readonly digest: string;
  /** By a key that Redis does not have; over the digest, and no part of it. */
  readonly sig?: string;
}

/** The newest record, as it is kept beside the records. */
export interface AuditHead {
  readonly seq: number;
  readonly digest: string;
}

export const NOTHING_YET: AuditHead = { seq: 0, digest: '0'.repeat(64) };

export function chain(entry: AuditEntry, head: AuditHead, sign?: Sign): AuditRecord {
  const record = { ...entry, seq: head.seq + 1, prev: head.digest };
  const digest = digestOf(record);
  return { ...record, digest, ...(sign && { sig: sign(digest) }) };
}

function digestOf(record: Omit<AuditRecord, 'digest' | 'sig'>): string {
  return hash('sha256', canonical(record));
}

/** Where the chain breaks first, and how. */
export interface ChainBreak {
  /** The number the record should have. */
  readonly seq: number;
  readonly why: 'missing' | 'moved' | 'changed' | 'cut-off' | 'unsigned';
}

export interface Verified {
  readonly records: number;
  /** null = it holds. */
  readonly broken: ChainBreak | null;
}

/** Walks records one after the other, as they are read. `isSigned`: where records must be signed. */
export function createVerifier(isSigned: (record: AuditRecord) => boolean = () => true) {
  let head = NOTHING_YET;
  let broken: ChainBreak | null = null;
  return {
    take(record: AuditRecord): void {
      if (broken !== null) return;
      const { digest, sig: _, ...rest } = record;
      const seq = head.seq + 1;
      if (record.seq !== seq) broken = { seq, why: record.seq > seq ? 'missing' : 'moved' };
      else if (record.prev !== head.digest) broken = { seq, why: 'moved' };
      else if (digestOf(rest) !== digest) broken = { seq, why: 'changed' };
      else if (!isSigned(record)) broken = { seq, why: 'unsigned' };
      else head = { seq, digest };
    },
    result(end: AuditHead): Verified {
      const cutOff = broken === null && (end.seq !== head.seq || end.digest !== head.digest);
      return { records: head.seq, broken: cutOff ? { seq: head.seq + 1, why: 'cut-off' } : broken };
    },
  };
}
