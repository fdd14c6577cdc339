import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { askSsh } from './ask-ssh.ts';

let dir: string;
let config: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ask-ssh-'));
  config = join(dir, 'config');
});
afterAll(() => rm(dir, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

it('names the line that ssh does not understand, whatever comes after', async () => {
  await writeFile(config, 'Host web-01\n  Ciphers none-such\n  Port 0x\n');
  expect(await askSsh('web-01', config, dir, new AbortController().signal)).toEqual({
    kind: 'invalid',
    why: `${config} line 2: Bad SSH2 cipher spec 'none-such'`,
  });
});

describe('a command of Match exec', () => {
  it('sees none of our secrets', async () => {
    for (const name of ['SLACK_BOT_TOKEN', 'REDIS_PASSWORD', 'AUDIT_KEY', 'TCP_ONCALL_KEY_PASSPHRASE'])
      vi.stubEnv(name, 'a-secret');
    await writeFile(config, `Match exec "env >${dir}/seen"\n  User matched\n`);
    const answer = await askSsh('web-01', config, dir, new AbortController().signal);
    expect(answer).toMatchObject({ entry: { user: 'matched' } });
    const seen = await readFile(join(dir, 'seen'), 'utf8');
    expect(seen).toMatch(/^PATH=/m);
    expect(seen).not.toContain('a-secret');
  });

  it('that hangs ends when the question is called off, and is named', async () => {
    await writeFile(config, `Match exec "touch ${dir}/begun; exec sleep 600"\n  User matched\n`);
    const interrupt = new AbortController();
    const asked = askSsh('web-01', config, dir, interrupt.signal);
    await expect.poll(() => existsSync(join(dir, 'begun'))).toBe(true);
    interrupt.abort();
    expect(await asked).toEqual({
      kind: 'invalid',
      why: 'ssh -G ended with an interruption: a command of Match exec may hang',
    });
  });
});
