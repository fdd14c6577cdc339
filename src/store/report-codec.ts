/** Reports as Redis keeps them: compressed JSON with a version, because they are many and mostly the same words. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { StoredReport } from '#app/run-ports.ts';
import type { Report } from '#domain/report.ts';

/** Goes up when what a report holds changes; one of another version is not read. */
const VERSION = 1;

export function encodeReport(stored: StoredReport): Buffer {
  return gzipSync(JSON.stringify({ version: VERSION, ...stored }));
}

/** Undefined when it is of another version, or no report. */
export function decodeReport(bytes: Buffer): StoredReport | undefined {
  try {
    const { version, ...stored } = JSON.parse(gunzipSync(bytes).toString('utf8')) as StoredReport & { version: number };
    return version === VERSION ? { ...stored, report: reviveReport(stored.report) } : undefined;
  } catch {
    return undefined;
  }
}

/** JSON has no dates. */
export function reviveReport(report: Report): Report {
  return { ...report, startedAt: new Date(report.startedAt) };
}
