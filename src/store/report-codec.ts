/** Reports as Redis keeps them: compressed JSON, because they are many and mostly the same words. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { z } from 'zod';
import type { StoredReport } from '#app/check-ports.ts';
import type { Comparable } from '#domain/compare-reports.ts';
import { bad, ofKey, type Parsed, parseJsonRecord, VERSION } from './record.ts';
import { storedComparable, storedReport } from './report-shape.ts';

/** A host prints a megabyte at most. */
const MOST_BYTES = 16 * 1_048_576;
/** Six per cent larger than with zlib's usual one, for two thirds of the time. */
const LEVEL = 4;

export function encodeReport(stored: StoredReport): Buffer {
  return gzipSync(JSON.stringify({ version: VERSION, ...stored }), { level: LEVEL });
}

export function parseReport(id: string, bytes: Buffer): Parsed<StoredReport> {
  return parseAs(storedReport, id, bytes);
}

/** Of the same record, what another report is compared with. */
export function parseComparable(id: string, bytes: Buffer): Parsed<{ readonly report: Comparable }> {
  return parseAs(storedComparable, id, bytes);
}

function parseAs<T extends { readonly id: string }>(shape: z.ZodType<T>, id: string, bytes: Buffer): Parsed<T> {
  const text = unpack(bytes);
  if (text === undefined) return bad('it is not compressed, or too large');
  return ofKey(parseJsonRecord(shape, text), 'id', id, 'report');
}

function unpack(bytes: Buffer): string | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8');
  } catch {
    return undefined;
  }
}
