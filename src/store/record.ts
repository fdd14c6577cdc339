/** What is read from Redis is judged here: which version it is, whether it has the shape of that version, and if not, where. Pure. */
import type { z } from 'zod';
import { readJson } from './read-json.ts';
import { upgrade } from './upgrade.ts';

/** Goes up when what a record holds changes; `upgrade.ts` then gets a step. A record without one is of version 1. */
export const VERSION = 3;

export type Parsed<T> =
  | { readonly kind: 'good'; readonly value: T }
  /** Written by a later tcp-oncall, which may be running beside us, or come back: not ours to judge. */
  | { readonly kind: 'newer'; readonly version: number }
  /** `why` follows a colon. */
  | { readonly kind: 'bad'; readonly why: string };

/** Past this, the rest of what is wrong helps no reader. */
const LONGEST_WHY = 160;

export function parseRecord<T>(schema: z.ZodType<T>, record: unknown): Parsed<T> {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return bad('it is no record');
  const { version = 1 } = record as { readonly version?: unknown };
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) return bad('version: is no number');
  if (version > VERSION) return { kind: 'newer', version };
  const parsed = schema.safeParse(upgrade(record as Readonly<Record<string, unknown>>, version));
  return parsed.success ? { kind: 'good', value: parsed.data } : bad(whereItFails(parsed.error));
}

/** The same, of a text that should be JSON. */
export function parseJsonRecord<T>(schema: z.ZodType<T>, text: string): Parsed<T> {
  const record = readJson(text);
  return record === undefined ? bad('it is no JSON') : parseRecord(schema, record);
}

/** The same, of a hash, whose fields are text. */
export function parseHashRecord<T>(schema: z.ZodType<T>, fields: ReadonlyMap<string, string>): Parsed<T> {
  const { version, ...rest } = Object.fromEntries(fields);
  return parseRecord(schema, version === undefined ? rest : { ...rest, version: Number(version) });
}

/** A record says whose it is: under another's key it is not believed. */
export function ofKey<T>(parsed: Parsed<T>, field: keyof T & string, key: string, what: string): Parsed<T> {
  return parsed.kind === 'good' && parsed.value[field] !== key ? bad(`${field}: is that of another ${what}`) : parsed;
}

export function bad(why: string): Parsed<never> {
  return { kind: 'bad', why: why.slice(0, LONGEST_WHY) };
}

function whereItFails({ issues: [first] }: z.ZodError): string {
  return `${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`;
}
