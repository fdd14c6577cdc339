/** `tcp-oncall changes` and `tcp-oncall audit`: what was changed, by whom, and whether the record of it was touched. */
import { loadChangeWords } from '#catalogue.ts';
import { type AuditRecord, createVerifier } from '#change/audit.ts';
import type { Change } from '#domain/change.ts';
import { parseDuration } from '#domain/duration.ts';
import { neutralise, neutralJson } from '#render/neutral.ts';
import { tableLines } from '#render/table.ts';
import { fill } from '#render/words.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { screenOf } from './screen.ts';
import type { Settings } from './settings.ts';
import type { World } from './world.ts';

const MOST = 50;

export async function listChanges(
  host: string | undefined,
  { json = false }: { readonly json?: boolean },
  settings: Settings,
  world: World,
): Promise<Status> {
  const { cli, states } = await loadChangeWords(settings.language, settings.overrides);
  const tools = await world.openChanges(settings.config);
  try {
    const { changes } = tools.store;
    const found = await (host === undefined ? changes.recent(MOST) : changes.ofHost(host, MOST));
    if (json) world.stdout.write(`${neutralJson(found)}\n`);
    else if (found.length === 0) world.stdout.write(`${cli.noChanges}\n`);
    else
      for (const line of tableLines(
        found.map((change) => row(change, states)),
        screenOf(world.stdout, world.env).width,
      ))
        world.stdout.write(`${neutralise(line)}\n`);
    return STATUS.nothing;
  } finally {
    await tools.close();
  }
}

function row(change: Change, states: Readonly<Record<Change['state']['kind'], string>>): readonly string[] {
  const { id, host, proposedAt, plan, state, requester } = change;
  return [proposedAt.toISOString().slice(0, 16), id, plan.fix, requester.id, fill(states[state.kind], { host })];
}

/** Status 1 when the chain is broken. */
export async function verifyAudit(settings: Settings, world: World): Promise<Status> {
  const { cli } = await loadChangeWords(settings.language, settings.overrides);
  const tools = await world.openChanges(settings.config);
  try {
    const { audit } = tools.store;
    // Read before the records: what comes in between is beyond it, and is not judged.
    const head = await audit.head();
    const verifier = createVerifier();
    for await (const records of audit.records())
      for (const record of records) if (record.seq <= head.seq) verifier.take(record);
    const { records, broken } = verifier.result(head);
    const said =
      broken === null
        ? fill(cli.intact, { n: records })
        : fill(cli.broken, { seq: broken.seq, why: cli.breaks[broken.why] });
    world.stdout.write(`${said}\n`);
    return broken === null ? STATUS.nothing : STATUS.findings;
  } finally {
    await tools.close();
  }
}

export interface ExportOptions {
  /** A length of time such as 24h, or a moment in ISO 8601. */
  readonly since?: string;
  readonly format: 'jsonl' | 'csv';
}

const COLUMNS = ['seq', 'at', 'change', 'host', 'event', 'from', 'to', 'actor', 'hash', 'details', 'digest'] as const;

export async function exportAudit({ since, format }: ExportOptions, settings: Settings, world: World): Promise<Status> {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : momentOf(since);
  const tools = await world.openChanges(settings.config);
  try {
    if (format === 'csv') world.stdout.write(`${COLUMNS.join(',')}\n`);
    for await (const records of tools.store.audit.records())
      for (const record of records)
        if (Date.parse(record.at) >= from)
          world.stdout.write(`${format === 'csv' ? csvLine(record) : JSON.stringify(record)}\n`);
    return STATUS.nothing;
  } finally {
    await tools.close();
  }
}

function momentOf(text: string): number {
  const ago = parseDuration(text);
  const at = ago === undefined ? Date.parse(text) : Date.now() - ago;
  if (Number.isNaN(at))
    throw new UsageError('--since is a length of time such as 24h, or a time such as 2026-11-27T00:00:00Z.');
  return at;
}

function csvLine(record: AuditRecord): string {
  return COLUMNS.map((column) => csvCell(record[column])).join(',');
}

/** A spreadsheet takes what begins with one of these for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function csvCell(value: unknown): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
