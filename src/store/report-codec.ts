/** Reports as Redis keeps them: compressed JSON, because they are many and mostly the same words. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { StoredReport } from '#app/check-ports.ts';
import { bad, ofKey, type Parsed, parseJsonRecord, VERSION } from './record.ts';
import { storedReport } from './report-shape.ts';

/** A host prints a megabyte at most. */
const MOST_BYTES = 16 * 1_048_576;

export function encodeReport(stored: StoredReport): Buffer {
  return gzipSync(JSON.stringify({ version: VERSION, ...stored }));
}

export function parseReport(id: string, bytes: Buffer): Parsed<StoredReport> {
  const text = unpack(bytes);
  if (text === undefined) return bad('it is not compressed, or too large');
  return ofKey(parseJsonRecord(storedReport, text), 'id', id, 'report');
}

function unpack(bytes: Buffer): string | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8');
  } catch {
    return undefined;
  }
}
