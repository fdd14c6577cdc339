/** `tcp-oncall changes` and `tcp-oncall audit`: what was changed, by whom, and whether the record of it was touched. */

import type { AuditTrail } from '#app/change-ports.ts';
import { listChanges as listUnderWay } from '#app/list-changes.ts';
import { loadChangeWords, loadCliWords } from '#catalogue.ts';
import { type AuditRecord, type ChainBreak, createVerifier, NOTHING_YET } from '#change/audit.ts';
import type { Change } from '#domain/change.ts';
import { parseDuration } from '#domain/duration.ts';
import { lockText } from '#render/lock-text.ts';
import { neutralise, neutralJson, neutralJsonLine } from '#render/neutral.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { tableLines } from '#render/table.ts';
import { fill } from '#render/words.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { screenOf } from './screen.ts';
import type { Settings } from './settings.ts';
import type { ChangeTools, World } from './world.ts';

const MOST = 50;

export async function listChanges(
  typed: string | undefined,
  { json = false }: { readonly json?: boolean },
  settings: Settings,
  world: World,
): Promise<Status> {
  const { cli, states, status } = await loadChangeWords(settings.language, settings.overrides);
  // A host that is in the inventory no longer has its changes still.
  const host = typed === undefined ? undefined : ((await settings.inventory()).recognise(typed) ?? typed);
  const tools = await world.openChanges(settings.config);
  try {
    const { changes } = tools.store;
    const found = await (host === undefined ? changes.recent(MOST) : changes.ofHost(host, MOST));
    const { locks, freezes } = await listUnderWay(tools.store);
    if (json) {
      const document = { schema: 'tcp-oncall.changes/1', changes: found, locks, freezes };
      world.stdout.write(`${neutralJson(document)}\n`);
      return STATUS.nothing;
    }
    const lines = [
      ...(found.length === 0
        ? [cli.noChanges]
        : tableLines(
            found.map((change) => row(change, states)),
            screenOf(world.stdout, world.env).width,
          )),
      ...locks.map((lock) => `${lock.change}${lockText(lock, new Date(), status.lock)}`),
      ...(freezes.length === 0 ? [] : [fill(status.frozen, { groups: freezes.map(({ group }) => group).join(', ') })]),
    ];
    for (const line of lines) world.stdout.write(`${neutralise(line)}\n`);
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
    world.stdout.write(`${chainSentence(cli, records, broken)}\n`);
    const { file } = settings.config.changes.audit;
    const differs = file !== undefined && (await compareCopy(file, head.seq, tools, cli, world));
    return broken === null && !differs ? STATUS.nothing : STATUS.findings;
  } finally {
    await tools.close();
  }
}

function chainSentence({ intact, broken, breaks }: ChangeWords['cli'], n: number, found: ChainBreak | null): string {
  return found === null ? fill(intact, { n }) : fill(broken, { seq: found.seq, why: breaks[found.why] });
}

/** True when the copy is broken, or knows something else than the trail does. */
async function compareCopy(
  file: string,
  newest: number,
  { store: { audit }, readCopy }: ChangeTools,
  cli: ChangeWords['cli'],
  world: World,
): Promise<boolean> {
  const verifier = createVerifier();
  let last: AuditRecord | undefined;
  try {
    for await (const record of readCopy(file)) {
      verifier.take(record);
      last = record;
    }
  } catch (error) {
    world.stdout.write(`${fill(cli.noCopy, { file, why: neutralise(String(error)) })}\n`);
    return true;
  }
  const { records, broken } = verifier.result(last ?? NOTHING_YET);
  const agrees = last === undefined || (last.seq <= newest && (await digestAt(last.seq, audit)) === last.digest);
  const said =
    broken !== null
      ? chainSentence(cli, records, broken)
      : agrees
        ? fill(cli.copyAgrees, { n: records })
        : fill(cli.copyDiffers, { n: records });
  world.stdout.write(`${file}: ${said}\n`);
  return broken !== null || !agrees;
}

async function digestAt(seq: number, audit: AuditTrail): Promise<string | undefined> {
  for await (const [record] of audit.records(seq - 1)) return record?.digest;
  return undefined;
}

export interface ExportOptions {
  /** A length of time such as 24h, or a moment in ISO 8601. */
  readonly since?: string;
  readonly format: 'jsonl' | 'csv';
}

const COLUMNS = ['seq', 'at', 'change', 'host', 'event', 'from', 'to', 'actor', 'hash', 'details', 'digest'] as const;

export async function exportAudit({ since, format }: ExportOptions, settings: Settings, world: World): Promise<Status> {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : await momentOf(since, settings);
  const tools = await world.openChanges(settings.config);
  try {
    if (format === 'csv') world.stdout.write(`${COLUMNS.join(',')}\n`);
    for await (const records of tools.store.audit.records())
      for (const record of records)
        if (Date.parse(record.at) >= from)
          world.stdout.write(`${format === 'csv' ? csvLine(record) : neutralJsonLine(record)}\n`);
    return STATUS.nothing;
  } finally {
    await tools.close();
  }
}

async function momentOf(text: string, { language, overrides }: Settings): Promise<number> {
  const ago = parseDuration(text);
  const at = ago === undefined ? Date.parse(text) : Date.now() - ago;
  if (Number.isNaN(at)) throw new UsageError((await loadCliWords(language, overrides)).errors['bad-since']);
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
