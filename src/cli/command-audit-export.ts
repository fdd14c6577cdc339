/** `tcp-oncall audit export`: the records, for other programs. */
import type { AuditRecord } from '#change/audit.ts';
import { parseDuration } from '#domain/duration.ts';
import { neutralJsonLine } from '#render/neutral.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import type { Session } from './session.ts';

interface ExportOptions {
  /** A length of time such as 24h, or a moment in ISO 8601. */
  readonly since?: string;
  readonly format: 'jsonl' | 'csv';
}

const COLUMNS = ['seq', 'at', 'change', 'host', 'event', 'from', 'to', 'actor', 'hash', 'details', 'digest'] as const;

export async function exportAudit({ options: { since, format }, session }: Call<ExportOptions>): Promise<Status> {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : await momentOf(since, session);
  await using tools = await session.openChanges(session.config);
  if (format === 'csv') session.stdout.write(`${COLUMNS.join(',')}\n`);
  for await (const records of tools.store.audit.records())
    for (const record of records)
      if (Date.parse(record.at) >= from)
        session.stdout.write(`${format === 'csv' ? csvLine(record) : neutralJsonLine(record)}\n`);
  return STATUS.nothing;
}

async function momentOf(text: string, session: Session): Promise<number> {
  const ago = parseDuration(text);
  const at = ago === undefined ? Date.parse(text) : Date.now() - ago;
  if (Number.isNaN(at)) throw new UsageError((await session.cliWords()).errors['bad-since']);
  return at;
}

function csvLine(record: AuditRecord): string {
  return COLUMNS.map((column) => csvCell(record[column])).join(',');
}

/** A spreadsheet takes what begins with one of these for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function csvCell(value: unknown): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? neutralJsonLine(value) : String(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
