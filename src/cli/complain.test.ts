import { describe, expect, it } from 'vitest';
import { AwayError } from '#serve/serve-error.ts';
import { complain } from './complain.ts';
import { UsageError } from './failure.ts';
import type { World } from './world.ts';

function saidAbout(error: unknown) {
  const said = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (said[name] += text) });
  const world = { stdout: stream('stdout'), stderr: stream('stderr') } as unknown as World;
  return { status: complain(error, true, world), ...said };
}

describe('complain', () => {
  it('says wrong usage in its own words', () => {
    const { status, stderr, stdout } = saidAbout(new UsageError('There is no host "\u001b[2J".'));
    expect(stderr).toBe('tcp-oncall: There is no host "\\x1b[2J".\n');
    expect(JSON.parse(stdout)).toMatchObject({ error: 'usage' });
    expect(status).toBe(2);
  });

  it('keeps what may come back apart from what is configured wrongly', () => {
    const { status, stderr, stdout } = saidAbout(new AwayError('Redis cannot be reached.'));
    expect(stderr).toBe('tcp-oncall: Redis cannot be reached.\n');
    expect(JSON.parse(stdout)).toMatchObject({ error: 'away' });
    expect(status).toBe(3);
  });

  it.each([new TypeError('x is not a function'), 'x is not a function'])(
    'owns up to a fault, and has a document',
    (fault) => {
      const { status, stderr, stdout } = saidAbout(fault);
      expect(stderr).toMatch(
        /^tcp-oncall: This is a fault in tcp-oncall: x is not a function\n(?:Type)?Error: .*\n +at /,
      );
      expect(JSON.parse(stdout)).toMatchObject({ schema: 'tcp-oncall.error/1', error: 'internal' });
      expect(status).toBe(3);
    },
  );
});
