/**
 * A copy of the audit trail in a file: one record a line, only ever appended to, and on the disk before it counts. Beside
 * it, `FILE.end` says how far it came, so that a copy that was emptied or put away is not filled again from Redis.
 */
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import type { AuditCopy } from '#app/change-ports.ts';
import { type AuditHead, type AuditRecord, NOTHING_YET } from '#change/audit.ts';
import { parseAuditRecord } from './audit-shape.ts';
import { withLockFile } from './lock-file.ts';
import { readJson } from './read-json.ts';

/** Longer than any record: its texts are cut before. */
const TAIL_BYTES = 262_144;
const OWNER_ONLY = 0o600;

/** The copy is not what was written to it; the message is one finished sentence. */
export class AuditCopyError extends Error {
  override readonly name = 'AuditCopyError';
}

export function createAuditFile(path: string): AuditCopy {
  const endFile = `${path}.end`;

  async function lastRecord(): Promise<AuditHead> {
    await using file = await open(path, 'a+', OWNER_ONLY);
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const whole = buffer.lastIndexOf(10) + 1;
    // A process that was killed while writing left half a line.
    if (whole < length) await file.truncate(size - length + whole);
    const last = buffer.subarray(0, whole).toString().trimEnd().split('\n').at(-1);
    if (!last) return NOTHING_YET;
    const record = parseAuditRecord(last);
    if (record !== undefined) return record;
    throw new AuditCopyError(`The last line of ${path} is not a record: tcp-oncall audit verify says what to do.`);
  }

  /** Rejects when the copy ends before what was written to it. */
  async function end(): Promise<AuditHead> {
    const [last, known] = [await lastRecord(), await readEnd(path)];
    if (known === 'damaged')
      throw new AuditCopyError(
        `${endFile} does not say how far the copy went: tcp-oncall audit verify says what to do.`,
      );
    if (known === undefined || last.seq > known.seq || last.digest === known.digest) return last;
    throw new AuditCopyError(
      `${path} ends at record ${last.seq} and went to ${known.seq}: put it back, or put ${endFile} away with it to begin a new copy.`,
    );
  }

  return {
    position: async () => (await end()).seq,
    async append(records) {
      const [first, last] = [records[0], records.at(-1)];
      if (first === undefined || last === undefined) return;
      const { seq, digest } = await end();
      if (first.seq !== seq + 1 || first.prev !== digest)
        throw new AuditCopyError(
          `Record ${first.seq} of the trail does not follow record ${seq} of ${path}: one of the two was changed.`,
        );
      await using file = await open(path, 'a', OWNER_ONLY);
      await file.appendFile(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
      await file.datasync();
      await writeFile(`${endFile}.new`, JSON.stringify({ seq: last.seq, digest: last.digest }), { mode: OWNER_ONLY });
      await rename(`${endFile}.new`, endFile);
    },
    alone: (work) => withLockFile(`${path}.lock`, work),
  };
}

/** How far the copy went; undefined before its first record, `damaged` when the file says something else. */
export async function readEnd(path: string): Promise<AuditHead | 'damaged' | undefined> {
  const text = await readFile(`${path}.end`, 'utf8').catch(noneIfAbsent);
  if (text === undefined) return undefined;
  const { seq, digest } = (readJson(text) ?? {}) as Partial<AuditHead>;
  return typeof seq === 'number' && typeof digest === 'string' ? { seq, digest } : 'damaged';
}

/** Line by line, undefined for one that is no record; nothing where there is no file. Rejects when it cannot be read. */
export async function* readAuditFile(path: string): AsyncIterable<AuditRecord | undefined> {
  await using file = await open(path).catch(noneIfAbsent);
  if (file === undefined) return;
  const end = Math.max(0, (await file.stat()).size - 1);
  const { buffer: last } = await file.read(Buffer.alloc(1), 0, 1, end);
  let line: string | undefined;
  for await (const next of file.readLines({ start: 0, end })) {
    if (line !== undefined) yield parseAuditRecord(line);
    line = next;
  }
  // Without its end, it is still being written.
  if (line !== undefined && last[0] === 10) yield parseAuditRecord(line);
}

function noneIfAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
