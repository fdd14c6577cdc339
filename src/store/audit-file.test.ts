import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditEntry, type AuditRecord, chain, NOTHING_YET } from '#change/audit.ts';
import { createAuditFile, readAuditFile, readEnd } from './audit-file.ts';

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
  const read: (AuditRecord | undefined)[] = [];
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

describe('a copy that is not what was written', () => {
  const path = () => join(dir, 'audit.jsonl');
  const all = records(6);

  beforeEach(() => createAuditFile(path()).append(all.slice(0, 4)));

  it.each([
    ['emptied', () => truncate(path())],
    ['put away', () => rename(path(), `${path()}.1`)],
    ['cut short by whole lines', async () => truncate(path(), (await readFile(path(), 'utf8')).indexOf('\n') + 1)],
  ])('%s, is not filled again from Redis', async (_, touch) => {
    await touch();
    const copy = createAuditFile(path());
    await expect(copy.position()).rejects.toThrow(/went to 4: put it back/);
    await expect(copy.append(all)).rejects.toThrow(/went to 4/);
    expect(await readEnd(path())).toEqual({ seq: 4, digest: all[3]?.digest });
  });

  it('takes no record that does not follow its last one', async () => {
    const copy = createAuditFile(path());
    const forged = chain({ ...ENTRY, event: 'approve' }, { seq: 4, digest: '0'.repeat(64) });
    await expect(copy.append([forged])).rejects.toThrow(/does not follow/);
    await expect(copy.append(all.slice(3))).rejects.toThrow(/does not follow/);
    await copy.append(all.slice(4));
    expect(await copy.position()).toBe(6);
  });
});

it('written by two processes at once has each record once', async () => {
  const path = join(dir, 'audit.jsonl');
  const trail = join(dir, 'trail.json');
  await writeFile(trail, JSON.stringify(records(60)));
  const program = `
    import { readFileSync } from 'node:fs';
    import { createAuditFile } from '#store/audit-file.ts';
    const records = JSON.parse(readFileSync(${JSON.stringify(trail)}, 'utf8'));
    const copy = createAuditFile(${JSON.stringify(path)});
    for (let at = 0; at < records.length; )
      await copy.alone(async () => {
        at = await copy.position();
        await copy.append(records.slice(at, at + 1));
      });
  `;
  const node = ['--import', 'tsx', '--input-type=module', '--eval', program];
  await Promise.all([1, 2].map(() => promisify(execFile)(process.execPath, node)));
  const read: (AuditRecord | undefined)[] = [];
  for await (const record of readAuditFile(path)) read.push(record);
  expect(read).toEqual(records(60));
});
