import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/hostile/any-text.ts';
import { remoteCommand } from './remote-command.ts';

describe('remoteCommand', () => {
  it('sends a script on stdin, and nothing of it on the command line', () => {
    expect(remoteCommand({ kind: 'script', script: 'echo $HOME\n' }, 'mark-1')).toEqual({
      line: 'exec sh -s mark-1',
      stdin: 'echo mark-1 $$ >&2\necho $HOME\n',
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
