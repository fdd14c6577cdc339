/** `tcp-oncall audit verify`: whether the trail, its copy, and what was posted of it still say the same. */
import type { AuditTrail, ChangeTools } from '#app/change-ports.ts';
import { StoreBroken } from '#app/check-ports.ts';
import {
  type AuditHead,
  type AuditRecord,
  type ChainBreak,
  createVerifier,
  NOTHING_YET,
  type Verified,
} from '#change/audit.ts';
import { createRecordCheck } from '#change/witness.ts';
import type { Config } from '#config.ts';
import { neutralise } from '#render/neutral.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { joinSentences } from '#render/wording.ts';
import { fill } from '#render/words.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';

interface VerifyOptions {
  /** A record as the channel has it, `SEQ:DIGEST`, the digest whole or its first 16 digits. */
  readonly posted?: string;
}

/** A copy is written every few seconds: a record that it lacks after this long was kept from it. */
const COPIED_WITHIN_MS = 120_000;
const POSTED = /^(\d{1,15}):([0-9a-f]{16,64})$/;

type Words = ChangeWords['cli'];

/**
 * Status 1 when a chain is broken, a signature is missing, the copy is short or damaged, or one says something else than
 * another. Where nothing was recorded yet there is nothing to verify, and that is status 0.
 */
export async function verifyAudit({ options, session }: Call<VerifyOptions>): Promise<Status> {
  const { cli } = await session.changeWords();
  const posted = options.posted === undefined ? undefined : postedOf(options.posted, cli);
  await using tools = await session.openChanges(session.config);
  const said = await verifyAll(posted, session.config, tools, cli);
  for (const { sentence } of said) session.stdout.write(`${sentence}\n`);
  return said.every(({ holds }) => holds) ? STATUS.nothing : STATUS.findings;
}

async function verifyAll(
  posted: AuditHead | undefined,
  config: Config,
  tools: ChangeTools,
  cli: Words,
): Promise<readonly Said[]> {
  const { file } = config.changes.audit;
  try {
    return [
      await verifyTrail(config, tools, cli),
      ...(posted ? [await verifyPosted(posted, tools, cli)] : []),
      ...(file === undefined ? [] : [await verifyCopy(file, config, tools, cli)]),
    ];
  } catch (error) {
    // Without the trail, nothing can be compared with it.
    if (!(error instanceof StoreBroken)) throw error;
    const { key, type, wanted } = error;
    return [{ holds: false, sentence: fill(cli.wrongType, { key, type, wanted }) }];
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
  if (broken === null && records === 0) return { holds: true, sentence: cli.nothingYet };
  if (broken !== null) return { holds: false, sentence: breakSentence(cli, broken) };
  const { signers, signedSince: seq } = config.changes.audit;
  const signed = signers.length > 0 ? fill(cli.signed, { seq }) : cli.notSigned;
  return { holds: true, sentence: joinSentences([fill(cli.intact, { n: records }), signed]) };
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
  const read = await readCopy(file, config, tools, cli);
  if (typeof read === 'string') return { holds: false, sentence: read };
  const { last, end, records } = read;
  const of = (holds: boolean, sentence: string): Said => ({ holds, sentence: `${file}: ${sentence}` });
  if (read.broken !== null) return of(false, breakSentence(cli, read.broken));
  if (last !== undefined && (last.seq > newest || (await recordAt(last.seq, audit))?.digest !== last.digest))
    return of(false, fill(cli.copyDiffers, { n: records }));
  const next = await recordAt(records + 1, audit);
  if (records < end || (next !== undefined && isOld(next)))
    return of(false, fill(cli.copyShort, { n: records, total: Math.max(newest, end) }));
  return of(true, records === 0 ? cli.copyNothingYet : fill(cli.copyAgrees, { n: records }));
}

interface CopyRead extends Verified {
  readonly last: AuditRecord | undefined;
  /** How far the copy once went. */
  readonly end: number;
}

/** A sentence when it cannot be read. */
async function readCopy(file: string, config: Config, tools: ChangeTools, cli: Words): Promise<CopyRead | string> {
  const verifier = verifierFor(config);
  let [line, last]: [number, AuditRecord | undefined] = [0, undefined];
  try {
    const end = await tools.readCopyEnd(file);
    if (end === 'damaged') return fill(cli.endDamaged, { file });
    for await (const record of tools.readCopy(file)) {
      line++;
      if (record === undefined) return fill(cli.copyDamaged, { file, line });
      verifier.take(record);
      last = record;
    }
    return { ...verifier.result(last ?? NOTHING_YET), last, end: end?.seq ?? 0 };
  } catch (error) {
    return fill(cli.noCopy, { file, why: neutralise(error instanceof Error ? error.message : String(error)) });
  }
}

/** A moment that cannot be read, or is yet to come, is no excuse. */
function isOld({ at }: AuditRecord): boolean {
  return !(Math.abs(Date.now() - Date.parse(at)) < COPIED_WITHIN_MS);
}

async function recordAt(seq: number, audit: AuditTrail): Promise<AuditRecord | undefined> {
  for await (const [record] of audit.records(seq - 1)) return record;
  return undefined;
}
