/** `tcp-oncall audit verify`: whether the trail, its copy, and what was posted of it still say the same. */
import type { AuditTrail } from '#app/change-ports.ts';
import { loadChangeWords } from '#catalogue.ts';
import { type AuditHead, type AuditRecord, type ChainBreak, createVerifier, NOTHING_YET } from '#change/audit.ts';
import { createRecordCheck } from '#change/witness.ts';
import type { Config } from '#config.ts';
import { neutralise } from '#render/neutral.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { fill } from '#render/words.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import type { Settings } from './settings.ts';
import type { ChangeTools, World } from './world.ts';

export interface VerifyOptions {
  /** A record as the channel has it, `SEQ:DIGEST`, the digest whole or its first 16 digits. */
  readonly posted?: string;
}

/** A copy is written every few seconds: a record that it lacks after this long was kept from it. */
const COPIED_WITHIN_MS = 120_000;
const POSTED = /^(\d{1,15}):([0-9a-f]{16,64})$/;

type Words = ChangeWords['cli'];

/** Status 1 when a chain is broken, a signature is missing, the copy is short, or one says something else than another. */
export async function verifyAudit(options: VerifyOptions, settings: Settings, world: World): Promise<Status> {
  const { cli } = await loadChangeWords(settings.language, settings.overrides);
  const posted = options.posted === undefined ? undefined : postedOf(options.posted, cli);
  const tools = await world.openChanges(settings.config);
  try {
    const said = [
      await verifyTrail(settings.config, tools, cli),
      ...(posted ? [await verifyPosted(posted, tools, cli)] : []),
    ];
    const { file } = settings.config.changes.audit;
    if (file !== undefined) said.push(await verifyCopy(file, settings.config, tools, cli));
    for (const { sentence } of said) world.stdout.write(`${sentence}\n`);
    return said.every(({ holds }) => holds) ? STATUS.nothing : STATUS.findings;
  } finally {
    await tools.close();
  }
}

interface Said {
  readonly holds: boolean;
  readonly sentence: string;
}

function postedOf(text: string, cli: Words): AuditHead {
  const [, seq, digest] = POSTED.exec(text) ?? [];
  if (seq === undefined || digest === undefined) throw new UsageError(fill(cli.badPosted, { text: neutralise(text) }));
  return { seq: Number(seq), digest };
}

function verifierFor({ changes: { keys, audit } }: Config) {
  if (audit.signers.length === 0) return createVerifier();
  return createVerifier(createRecordCheck({ keys: audit.signers, since: audit.signedSince, approvers: keys }));
}

async function verifyTrail(config: Config, { store: { audit } }: ChangeTools, cli: Words): Promise<Said> {
  // Read before the records: what comes in between is beyond it, and is not judged.
  const head = await audit.head();
  const verifier = verifierFor(config);
  for await (const records of audit.records())
    for (const record of records) if (record.seq <= head.seq) verifier.take(record);
  const { records, broken } = verifier.result(head);
  const signed = config.changes.audit.signers.length > 0;
  const whole = `${fill(cli.intact, { n: records })} ${signed ? fill(cli.signed, { seq: config.changes.audit.signedSince }) : cli.notSigned}`;
  return { holds: broken === null, sentence: broken === null ? whole : breakSentence(cli, broken) };
}

function breakSentence({ broken, breaks }: Words, { seq, why }: ChainBreak): string {
  return fill(broken, { seq, why: breaks[why] });
}

async function verifyPosted({ seq, digest }: AuditHead, { store: { audit } }: ChangeTools, cli: Words): Promise<Said> {
  const holds = (await recordAt(seq, audit))?.digest.startsWith(digest) ?? false;
  return { holds, sentence: fill(holds ? cli.postedAgrees : cli.postedDiffers, { seq }) };
}

async function verifyCopy(file: string, config: Config, tools: ChangeTools, cli: Words): Promise<Said> {
  const { audit } = tools.store;
  const { seq: newest } = await audit.head();
  const verifier = verifierFor(config);
  let last: AuditRecord | undefined;
  let end: AuditHead | undefined;
  try {
    end = await tools.readCopyEnd(file);
    for await (const record of tools.readCopy(file)) {
      verifier.take(record);
      last = record;
    }
  } catch (error) {
    return { holds: false, sentence: fill(cli.noCopy, { file, why: neutralise(String(error)) }) };
  }
  const { records, broken } = verifier.result(last ?? NOTHING_YET);
  const of = (holds: boolean, sentence: string): Said => ({ holds, sentence: `${file}: ${sentence}` });
  if (broken !== null) return of(false, breakSentence(cli, broken));
  if (last !== undefined && (last.seq > newest || (await recordAt(last.seq, audit))?.digest !== last.digest))
    return of(false, fill(cli.copyDiffers, { n: records }));
  const next = await recordAt(records + 1, audit);
  if (records < (end?.seq ?? 0) || (next !== undefined && isOld(next)))
    return of(false, fill(cli.copyShort, { n: records, total: newest }));
  return of(true, fill(cli.copyAgrees, { n: records }));
}

/** A moment that cannot be read, or is yet to come, is no excuse. */
function isOld({ at }: AuditRecord): boolean {
  return !(Math.abs(Date.now() - Date.parse(at)) < COPIED_WITHIN_MS);
}

async function recordAt(seq: number, audit: AuditTrail): Promise<AuditRecord | undefined> {
  for await (const [record] of audit.records(seq - 1)) return record;
  return undefined;
}
