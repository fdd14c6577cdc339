/** What a record of the audit trail looks like, wherever it is read back from: Redis and the copy are both open to others. */
import type { AuditRecord } from '#change/audit.ts';
import { readJson } from './read-json.ts';

/** By hand, and not with zod, which doubles the time to read a trail of years. */
const FIELDS: Readonly<Record<keyof AuditRecord, (value: unknown) => boolean>> = {
  at: isText,
  change: isTextOrNull,
  host: isTextOrNull,
  event: isText,
  from: isTextOrNull,
  to: isTextOrNull,
  actor: (value) => value === null || (isObject(value) && isText(value['surface']) && isText(value['id'])),
  hash: isTextOrNull,
  details: isObject,
  seq: Number.isFinite,
  prev: isText,
  digest: isText,
  sig: (value) => value === undefined || isText(value),
};
const CHECKS = Object.entries(FIELDS);

/** Undefined when it is none. As it was written, with what the shape does not know: the digest is over all of it. */
export function parseAuditRecord(line: string): AuditRecord | undefined {
  const record = readJson(line);
  if (!isObject(record)) return undefined;
  return CHECKS.every(([name, isGood]) => isGood(record[name])) ? (record as unknown as AuditRecord) : undefined;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): boolean {
  return value === null || isText(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
