import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AuditEntry, type AuditRecord, chain, NOTHING_YET } from '#change/audit.ts';
import { createAuditFile, readAuditFile } from './audit-file.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'audit-file-'));
});
afterEach(() => rm(dir, { recursive: true }));

const ENTRY: AuditEntry = {
  at: '2026-11-27T03:04:05.000Z',
  change: 'aaaaaaaa',
  host: 'web-01',
  event: 'propose',
  from: null,
  to: 'proposed',
  actor: { surface: 'slack', id: 'U0ALICE' },
  hash: 'f'.repeat(64),
  details: { reason: '決済が失敗する\nline two' },
};

function records(n: number): readonly AuditRecord[] {
  const made: AuditRecord[] = [];
  for (let i = 0; i < n; i++) made.push(chain(ENTRY, made.at(-1) ?? NOTHING_YET));
  return made;
}

it('goes on where it ended, and reads back what was appended', async () => {
  const path = join(dir, 'audit.jsonl');
  const all = records(5);
  expect(await createAuditFile(path).position()).toBe(0);
  await createAuditFile(path).append(all.slice(0, 3));
  expect(await createAuditFile(path).position()).toBe(3);
  await createAuditFile(path).append(all.slice(3));
  const read: AuditRecord[] = [];
  for await (const record of readAuditFile(path)) read.push(record);
  expect(read).toEqual(all);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it('takes half a line of a killed writer away', async () => {
  const path = join(dir, 'audit.jsonl');
  await createAuditFile(path).append(records(2));
  const whole = await readFile(path, 'utf8');
  await appendFile(path, '{"seq":3,"at":"2026');
  expect(await createAuditFile(path).position()).toBe(2);
  expect(await readFile(path, 'utf8')).toBe(whole);
});
