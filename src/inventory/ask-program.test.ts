import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askProgram, type Question } from './ask-program.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ask-program-'));
});
afterEach(() => rm(dir, { recursive: true }));

const ask = (script: string, more: Partial<Question> = {}) =>
  askProgram({
    ...{ program: '/bin/sh', args: ['-c', script], directory: dir, env: process.env },
    ...{ withinMs: 30_000, mostBytes: 1 << 20, signal: new AbortController().signal, ...more },
  });

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Once it is there, what it started. */
async function started(): Promise<number> {
  const file = join(dir, 'pid');
  await expect.poll(() => existsSync(file)).toBe(true);
  return Number(await readFile(file, 'utf8'));
}

describe('a question to a program', () => {
  it('brings its answer, and what it complained of', async () =>
    expect(await ask('echo yes; echo no >&2; exit 3')).toEqual({ end: 3, answer: 'yes\n', said: 'no\n' }));

  it('that is not answered in time ends with all that it started', async () => {
    const asked = ask('sleep 600 & echo $! >pid.new; mv pid.new pid; wait', { withinMs: 2000 });
    const pid = await started();
    expect((await asked).end).toBe('no answer within 2 s');
    await expect.poll(() => lives(pid)).toBe(false);
  });

  it('ends when it is called off', async () => {
    const interrupt = new AbortController();
    const asked = ask('echo $$ >pid.new; mv pid.new pid; exec sleep 600', { signal: interrupt.signal });
    const pid = await started();
    interrupt.abort();
    expect((await asked).end).toBe('an interruption');
    await expect.poll(() => lives(pid)).toBe(false);
  });

  it('does not wait for one that has left it and holds its output open', async () => {
    const interrupt = new AbortController();
    const asked = ask('setsid sh -c "echo \\$\\$ >pid.new; mv pid.new pid; exec sleep 600"', {
      signal: interrupt.signal,
    });
    const pid = await started();
    interrupt.abort();
    expect((await asked).end).toBe('an interruption');
    process.kill(pid, 'SIGKILL');
  });
});
