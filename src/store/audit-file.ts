/**
 * A copy of the audit trail in a file: one record a line, only ever appended to, and on the disk before it counts. Beside
 * it, `FILE.end` says how far it came, so that a copy that was emptied or put away is not filled again from Redis.
 */
import { createReadStream } from 'node:fs';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { AuditCopy } from '#app/change-ports.ts';
import type { AuditHead, AuditRecord } from '#change/audit.ts';
import { NOTHING_YET } from '#change/audit.ts';
import { withLockFile } from './lock-file.ts';

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
    const file = await open(path, 'a+', OWNER_ONLY);
    try {
      const { size } = await file.stat();
      const length = Math.min(size, TAIL_BYTES);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
      const whole = buffer.lastIndexOf(10) + 1;
      // Whoever was killed while writing left half a line.
      if (whole < length) await file.truncate(size - length + whole);
      const last = buffer.subarray(0, whole).toString().trimEnd().split('\n').at(-1);
      return last ? (JSON.parse(last) as AuditRecord) : NOTHING_YET;
    } finally {
      await file.close();
    }
  }

  /** Rejects when the copy ends before what was written to it. */
  async function end(): Promise<AuditHead> {
    const [last, known] = [await lastRecord(), await readEnd(path)];
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
      const file = await open(path, 'a', OWNER_ONLY);
      try {
        await file.appendFile(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
        await file.datasync();
      } finally {
        await file.close();
      }
      await writeFile(`${endFile}.new`, JSON.stringify({ seq: last.seq, digest: last.digest }), { mode: OWNER_ONLY });
      await rename(`${endFile}.new`, endFile);
    },
    alone: (work) => withLockFile(`${path}.lock`, work),
  };
}

/** How far the copy went; undefined before its first record. Rejects when that cannot be read. */
export async function readEnd(path: string): Promise<AuditHead | undefined> {
  try {
    const { seq, digest } = JSON.parse(await readFile(`${path}.end`, 'utf8')) as Partial<AuditHead>;
    if (typeof seq === 'number' && typeof digest === 'string') return { seq, digest };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  }
  throw new AuditCopyError(`${path}.end cannot be read: look who changed it.`);
}

/** Rejects when the file cannot be read, or a line is no JSON. */
export async function* readAuditFile(path: string): AsyncIterable<AuditRecord> {
  for await (const line of createInterface({ input: createReadStream(path) })) yield JSON.parse(line) as AuditRecord;
}
