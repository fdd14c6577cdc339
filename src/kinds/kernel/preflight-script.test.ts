import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOTS, writeRoot } from '../../../test/kernel/preflight-roots.ts';

const PARTS = ['recipes/deb.sh', 'recipes/rpm.sh', 'preflight.sh'];
const PREFLIGHT_SCRIPT = PARTS.map((part) => readFileSync(new URL(part, import.meta.url), 'utf8')).join('');
const DIR = mkdtempSync(join(tmpdir(), 'preflight-'));

afterAll(() => rmSync(DIR, { recursive: true }));

function preflight(shell: readonly string[], role: string, env: NodeJS.ProcessEnv): string {
  const [program = '', ...words] = shell;
  return execFileSync(program, [...words, '-s', 'W', role], { encoding: 'utf8', env, input: PREFLIGHT_SCRIPT });
}

describe('preflight.sh on this machine', () => {
  it.each([
    [['dash'], 'builder'],
    [['dash'], 'target'],
    [['bash', '--posix'], 'target'],
    [['busybox', 'ash'], 'target'],
  ] as const)('says all it knows with %s, as a %s', (shell, role) => {
    const lines = preflight(shell, role, process.env).trimEnd().split('\n');
    expect(lines[0]).toBe('W preflight 1');
    expect(lines.at(-1)).toBe('W end');
    expect(lines.filter((line) => !/^W [a-z-]+( [ -~]+)?$/.test(line))).toEqual([]);
  });
});

describe('preflight.sh on synthetic hosts', () => {
  it.each(Object.keys(ROOTS))('says what is in samples/preflight/%s-synthetic.txt', async (name) => {
    const said = preflight(['/usr/bin/dash'], 'target', writeRoot(join(DIR, name), name));
    await expect(said).toMatchFileSnapshot(`samples/preflight/${name}-synthetic.txt`);
  });
});
