import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lives } from '#lab/lives.ts';
import { CANNOT_LOOK, endProcesses, GONE } from './end-processes.ts';
import { createMark } from './mark.ts';

const BUSYBOX = '/usr/bin/busybox';
const dirs: string[] = [];
const started: ChildProcess[] = [];
afterEach(() => {
  for (const { pid } of started.splice(0)) if (pid !== undefined && lives(pid)) process.kill(-pid, 'SIGKILL');
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
});

/** Leads a session, as what sshd starts does, with a child in a process group of its own. Resolves with both. */
function family(mark: string): Promise<readonly [leader: number, child: number]> {
  const script = 'timeout 60 sh -c "echo \\$\\$; sleep 60; :" & while :; do sleep 0.1; done';
  const child = spawn('sh', ['-c', script, mark], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  return new Promise((resolve) => {
    child.stdout.once('data', (bytes: Buffer) => resolve([child.pid ?? 0, Number(bytes.toString())]));
  });
}

/** A directory with only these programs of busybox, or with none of them. */
function programs(...names: readonly string[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'programs-'));
  dirs.push(dir);
  for (const name of names) symlinkSync(BUSYBOX, join(dir, name));
  return dir;
}

function end(script: string, shell: readonly [string, ...string[]] = ['sh'], path?: string): number | null {
  const [program, ...args] = shell;
  const input = path === undefined ? script : script.replace(/^PATH=.*$/m, `PATH=${path}`);
  return spawnSync(program, [...args, '-s', createMark()], {
    input,
    timeout: 15_000,
    stdio: ['pipe', 'ignore', 'ignore'],
  }).status;
}

describe('endProcesses', () => {
  it.each(['its process id', 'its mark'])('ends a whole session that it knows by %s', async (by) => {
    const mark = createMark();
    const pids = await family(mark);
    expect(end(endProcesses(mark, by === 'its mark' ? undefined : pids[0]))).toBe(GONE);
    expect(pids.filter(lives)).toEqual([]);
  });

  it.runIf(existsSync(BUSYBOX))('does so with nothing but busybox', async () => {
    const mark = createMark();
    const pids = await family(mark);
    expect(end(endProcesses(mark, undefined), [BUSYBOX, 'sh'], programs('awk', 'grep', 'sleep', 'tr'))).toBe(GONE);
    expect(pids.filter(lives)).toEqual([]);
  });

  it('ends nobody else', async () => {
    const [leader] = await family(createMark());
    expect(end(endProcesses(createMark(), undefined))).toBe(GONE);
    expect(lives(leader)).toBe(true);
  });

  it.runIf(existsSync(BUSYBOX))('does not call gone what it could not look for', () => {
    expect(end(endProcesses(createMark(), undefined), ['sh'], programs('awk', 'tr'))).toBe(CANNOT_LOOK);
    expect(end(endProcesses(createMark(), 4_194_303), ['sh'], programs('grep'))).toBe(CANNOT_LOOK);
  });
});
