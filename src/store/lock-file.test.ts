import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLockFile } from './lock-file.ts';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lock-file-'));
  path = join(dir, 'lock');
});
afterEach(() => rm(dir, { recursive: true }));

const work = async () => 'done';

it('is held by one at a time, and free again when the work is done or has failed', async () => {
  const inner = await withLockFile(path, () => withLockFile(path, work));
  expect(inner).toBeUndefined();
  await expect(withLockFile(path, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await withLockFile(path, work)).toBe('done');
  await expect(readFile(path)).rejects.toThrow('ENOENT');
});

it('of a process that has gone is taken over, also when its number lives again', async () => {
  for (const left of [`${hostname()} 99999999 123`, `${hostname()} ${process.pid} 1`]) {
    await writeFile(path, `${left}\n`);
    expect(await withLockFile(path, work), left).toBe('done');
  }
});

it('of another container is left alone until it is old', async () => {
  await writeFile(path, 'elsewhere 7 123\n');
  expect(await withLockFile(path, work)).toBeUndefined();
  const old = new Date(Date.now() - 120_000);
  await utimes(path, old, old);
  expect(await withLockFile(path, work)).toBe('done');
});
