/** A copy of the audit trail in a file: one record a line, only ever appended to, and on the disk before it counts. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { AuditMirror } from '#app/change-ports.ts';
import type { AuditRecord } from '#change/audit.ts';

/** Longer than any record: its texts are cut before. */
const TAIL_BYTES = 262_144;
const OWNER_ONLY = 0o600;

export function createAuditFile(path: string): AuditMirror {
  return {
    async position() {
      const file = await open(path, 'a+', OWNER_ONLY);
      try {
        const { size } = await file.stat();
        const length = Math.min(size, TAIL_BYTES);
        const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
        const whole = buffer.lastIndexOf(10) + 1;
        // Whoever was killed while writing left half a line.
        if (whole < length) await file.truncate(size - length + whole);
        const last = buffer.subarray(0, whole).toString().trimEnd().split('\n').at(-1);
        return last ? (JSON.parse(last) as AuditRecord).seq : 0;
      } finally {
        await file.close();
      }
    },
    async append(records) {
      const file = await open(path, 'a', OWNER_ONLY);
      try {
        await file.appendFile(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}

/** Rejects when the file cannot be read, or a line is no JSON. */
export async function* readAuditFile(path: string): AsyncIterable<AuditRecord> {
  for await (const line of createInterface({ input: createReadStream(path) })) yield JSON.parse(line) as AuditRecord;
}
