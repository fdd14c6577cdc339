import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/hostile/any-text.ts';
import { remoteCommand, unpacked } from './remote-command.ts';

describe('remoteCommand', () => {
  it('sends a script on stdin, and nothing of it on the command line', () => {
    expect(remoteCommand({ kind: 'script', script: 'echo $HOME\n' }, 'mark-1')).toEqual({
      line: 'exec sh -s mark-1',
      stdin: 'echo mark-1 $$ >&2\necho $HOME\n',
    });
  });

  describe('of a packed script', () => {
    const script = `# ${'long '.repeat(2000)}\nprintf %s "$0"; exit 7\n`;
    const { line, stdin = '' } = remoteCommand({ kind: 'script', script, packed: true }, 'mark-1');
    const runWith = (path: string, input = stdin) =>
      spawnSync('/bin/sh', ['-c', line], { input, encoding: 'utf8', env: { PATH: path } });

    it('is a fraction of its size, and ends as the script does', () => {
      expect(stdin.length).toBeLessThan(script.length / 10);
      expect(runWith('/usr/bin:/bin')).toMatchObject({ status: 7, stdout: 'mark-1' });
    });

    it('runs nothing of a script that is cut off', () => {
      const { status, stdout } = runWith('/usr/bin:/bin', stdin.slice(0, -9));
      expect(status).toBeGreaterThan(0);
      expect(stdout).toBe('');
    });

    it('says its process id first', () => {
      expect(runWith('/usr/bin:/bin').stderr).toMatch(/^mark-1 \d+\n$/);
    });

    it('runs nothing where there is no gzip, and is then to be sent as it is', () => {
      const directory = mkdtempSync(join(tmpdir(), 'no-gzip-'));
      symlinkSync('/bin/sh', join(directory, 'sh'));
      const { status, stdout } = runWith(directory);
      rmSync(directory, { recursive: true });
      const request = { input: { kind: 'script', script, packed: true }, deadlineMs: 1, maxBytes: 1 } as const;
      const ended = { kind: 'exited', code: status ?? 0, stdout, stderr: '', bytes: 0 } as const;
      expect(unpacked(request, ended)?.input).toEqual({ kind: 'script', script });
      expect(unpacked(request, { ...ended, stdout: 'x' })).toBeUndefined();
      expect(unpacked(request, { ...ended, code: 7 })).toBeUndefined();
      expect(unpacked({ ...request, input: { kind: 'script', script } }, ended)).toBeUndefined();
    });
  });

  it('leaves plain words readable', () => {
    expect(remoteCommand({ kind: 'argv', argv: ['ss', '-tan'], stdin: 'x' }, 'mark-1')).toEqual({
      line: "exec sh -c 'echo mark-1 $$ >&2; exec ss -tan' mark-1",
      stdin: 'x',
    });
  });

  it('puts nothing into the line that any login shell could take for its own', () => {
    fc.assert(
      fc.property(fc.array(anyText(), { minLength: 1, maxLength: 4 }), ([first = '', ...rest]) => {
        const { line } = remoteCommand({ kind: 'argv', argv: [first, ...rest] }, 'mark-1');
        const [before, quoted, after] = line.split("'");
        expect([before, after]).toEqual(['exec sh -c ', ' mark-1']);
        expect(quoted).toMatch(/^[\w@%+:,./ ;$>&"()\\-]*$/);
        expect(quoted).not.toMatch(/\\[\\']/);
      }),
    );
  });

  it('hands words over unchanged', () => {
    const word = fc.string({ unit: 'grapheme-ascii', maxLength: 12 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 3 }), (words) => {
        const { line } = remoteCommand({ kind: 'argv', argv: ['printf', '%s\\n', ...words, 'end'] }, 'mark-1');
        const output = execFileSync('sh', ['-c', line], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
        expect(output).toBe([...words, 'end', ''].join('\n'));
      }),
      { numRuns: 15 },
    );
  });
});
