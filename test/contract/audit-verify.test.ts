/** `tcp-oncall audit verify` over a real Redis and a real copy: before the first record, and where another program has been at them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AuditEntry, type AuditRecord, chain, NOTHING_YET } from '#change/audit.ts';
import { openChangeTools } from '#serve/open-change-tools.ts';
import { createAuditFile } from '#store/audit-file.ts';
import { HEAD, TRAIL } from '#store/audit-trail.ts';
import { KINDS } from '../bot/change-samples.ts';
import { cliHere } from '../cli-here.ts';
import { openRedisPlace } from './redis-place.ts';

let place: Awaited<ReturnType<typeof openRedisPlace>>;
let redis: Redis;
let dir: string;
let config: string;
let copy: string;

beforeAll(async () => {
  place = await openRedisPlace();
  redis = place.redis;
});
afterAll(() => place?.close());

beforeEach(async () => {
  await redis.flushall();
  dir = await mkdtemp(join(tmpdir(), 'audit-verify-'));
  [config, copy] = [join(dir, 'tcp-oncall.yaml'), join(dir, 'audit.jsonl')];
  await writeFile(config, `hosts: { web-01: { address: 127.0.0.1 } }\nchanges: { audit: { file: ${copy} } }\n`);
});
afterEach(() => rm(dir, { recursive: true }));

function audit(...words: string[]) {
  const secrets = { REDIS_URL: `unix://${redis.options.path}`, AUDIT_KEY: undefined };
  const openChanges = openChangeTools.bind(undefined, secrets, KINDS);
  return cliHere(['audit', ...words, '--config', config], { openChanges });
}

const ABOUT = { change: null, host: null, from: null, to: null, actor: null, hash: null, details: {} };

async function writeRecords(count: number, more: object = {}): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (let n = 0; n < count; n++) {
    const entry: AuditEntry = { ...ABOUT, at: new Date().toISOString(), event: 'freeze', ...more };
    const record = chain(entry, records.at(-1) ?? NOTHING_YET);
    records.push(record);
    await redis.xadd(TRAIL, `${record.seq}-0`, 'record', JSON.stringify(record));
    await redis.hset(HEAD, 'seq', record.seq, 'digest', record.digest);
  }
  await createAuditFile(copy).append(records);
  return records;
}

describe('audit verify', () => {
  it('before the first record, says that there is nothing to verify, with status 0', async () => {
    const said = `Nothing to verify: the audit trail has no records yet.\n${copy}: nothing was copied yet.\n`;
    expect(await audit('verify')).toEqual({ status: 0, stdout: said, stderr: '' });
  });

  it.each([HEAD, TRAIL])(
    'names %s when it is of another type, with the next step, and so does the export',
    async (key) => {
      await writeRecords(3);
      await redis.del(key);
      await redis.rpush(key, 'x');
      const said = new RegExp(
        `^[^\\n]*${key} in Redis is a list, and has to be a (?:hash|stream).*docs/operating\\.md.*\\n$`,
      );
      expect(await audit('verify')).toEqual({ status: 1, stdout: expect.stringMatching(said), stderr: '' });
      expect((await audit('verify', '--lang', 'ja')).stdout).toMatch(/ではなく list です。.*バックアップから戻して/);
      if (key === TRAIL)
        expect(await audit('export')).toEqual({ status: 3, stdout: '', stderr: expect.stringMatching(said) });
    },
  );

  it.each(['null', '[]', '3', '{', '', '{"seq":2}', '{"seq":2,"digest":"x","details":{}}'])(
    'names the line of the copy that is no record: %s',
    async (text) => {
      await writeRecords(3);
      const lines = (await readFile(copy, 'utf8')).split('\n');
      await writeFile(copy, lines.with(1, text).join('\n'));
      const { status, stdout, stderr } = await audit('verify');
      expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
      expect(stdout.split('\n')[1]).toMatch(/^Line 2 of \S+\.jsonl is not a record: .*Restore it/);
    },
  );

  it('lets a line be that is being written', async () => {
    const records = await writeRecords(3);
    await writeFile(copy, JSON.stringify(records[2]).slice(0, 40), { flag: 'a' });
    expect(await audit('verify')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('3 records; they match'),
    });
  });

  it.each(['', '{', 'null', '{"seq":"3"}'])('names what says how far the copy went: %j', async (text) => {
    await writeRecords(3);
    await writeFile(`${copy}.end`, text);
    const { status, stdout } = await audit('verify');
    expect([status, stdout.split('\n')[1]]).toEqual([1, expect.stringMatching(/\.end does not say .*Restore it/)]);
    await expect(createAuditFile(copy).position()).rejects.toThrow(/\.end does not say/);
  });

  it('a copy that has gone with what says how far it went is short of the old records', async () => {
    await writeRecords(3, { at: '2026-01-01T00:00:00.000Z' });
    for (const file of [copy, `${copy}.end`]) await rm(file);
    expect(await audit('verify')).toMatchObject({ status: 1, stdout: expect.stringContaining('0 of 3 records') });
  });

  it.each([{ actor: undefined }, { actor: 'x' }, { details: null }, { event: 1 }])(
    'a record that is chained and none is unreadable: %j',
    async (wrong) => {
      await writeRecords(2, wrong);
      expect(await audit('verify')).toMatchObject({ status: 1, stdout: expect.stringMatching(/breaks at record 1/) });
      expect((await audit('export', '--format', 'csv')).status).toBe(0);
    },
  );
});
