import { chmod, chown, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makePrivateDir } from './private-dir.ts';

let top: string;
beforeAll(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'dirs-')));
});
afterAll(() => rm(top, { recursive: true }));

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(top, 'tmp-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => vi.unstubAllEnvs());

let made = 0;

async function directory(mode: number, uid = process.getuid?.() ?? 0): Promise<string> {
  const path = join(top, `d${made++}`);
  await mkdir(path);
  await chmod(path, mode);
  if (uid !== process.getuid?.()) await chown(path, uid, uid);
  return path;
}

async function parentOf(runtimeDir: string | undefined): Promise<string> {
  const { path, remove } = await makePrivateDir(runtimeDir);
  remove();
  return dirname(path);
}

describe('a private directory', () => {
  it('is in the runtime directory', async () => {
    const runtime = await directory(0o700);
    expect(await parentOf(runtime)).toBe(runtime);
  });

  it('is where the link to one leads, which may lead elsewhere later', async () => {
    const runtime = await directory(0o700);
    await symlink(runtime, join(top, 'link'));
    expect(await parentOf(join(top, 'link'))).toBe(runtime);
  });

  it.each<[string, () => Promise<string | undefined>]>([
    ['is not said', async () => undefined],
    ['is not there', async () => join(top, 'gone')],
    ['is no directory name of ours to give to ssh', async () => join(top, 'a b')],
    ['is open to all', () => directory(0o777)],
  ])('is in the temporary directory where the other %s', async (_, runtime) =>
    expect(await parentOf(await runtime())).toBe(temporary),
  );

  it.runIf(process.getuid?.() === 0)("and where it is another account's", async () =>
    expect(await parentOf(await directory(0o700, 12_345))).toBe(temporary),
  );

  it('is in /tmp where both are of no use', async () => {
    vi.stubEnv('TMPDIR', await directory(0o777));
    expect(await parentOf(undefined)).toBe('/tmp');
  });
});
