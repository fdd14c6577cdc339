import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const PARTS = ['recipes/deb.sh', 'recipes/rpm.sh', 'preflight.sh'];
const SCRIPT = PARTS.map((part) => readFileSync(new URL(part, import.meta.url), 'utf8')).join('');

function preflight(shell: readonly string[], role: string): readonly string[] {
  const [program = '', ...words] = shell;
  return execFileSync(program, [...words, '-c', SCRIPT, 'preflight', 'W', role], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

describe('preflight.sh', () => {
  it.each([
    [['dash'], 'builder'],
    [['dash'], 'target'],
    [['bash', '--posix'], 'target'],
    [['busybox', 'ash'], 'target'],
  ] as const)('says all it knows of this machine with %s, as a %s', (shell, role) => {
    const lines = preflight(shell, role);
    expect(lines[0]).toBe('W preflight 1');
    expect(lines.at(-1)).toBe('W end');
    expect(lines.filter((line) => !/^W [a-z-]+( [ -~]+)?$/.test(line))).toEqual([]);
  });
});
