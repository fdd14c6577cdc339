import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Source } from '#domain/evidence.ts';
import { read } from '#domain/reading.ts';
import { buildCollector } from './collector.ts';
import { type CollectorEvent, readCollector } from './collector-stream.ts';

const run = promisify(execFile);
const BOUNDARY = 'tcp-oncall-0123456789abcdef';
const NAMES = 'a b quoted absent forbidden broken slow sockets later greedy next'.split(' ');

function source(name: string, script: string, rest: Partial<Source<string>> = {}): Source<string> {
  return { name, cadence: 'each', limit: 5, script, parse: read, ...rest };
}

async function collect(sources: readonly Source<string>[], shell: readonly string[] = ['sh']) {
  const script = buildCollector({ sources, intervalSeconds: 1, boundary: BOUNDARY });
  const [program = 'sh', ...args] = shell;
  const child = run(program, [...args, '-s']);
  child.child.stdin?.end(script);
  return samplesOf((await child).stdout);
}

function samplesOf(stdout: string, chunk = 7) {
  const events: CollectorEvent[] = [];
  const stream = readCollector({ boundary: BOUNDARY, sources: NAMES }, (event) => events.push(event));
  for (let at = 0; at < stdout.length; at += chunk) stream.push(stdout.slice(at, at + chunk));
  return { samples: stream.end().map(({ readings }) => readings), events };
}

describe('the collector', () => {
  // Each waits a second, for what is too slow.
  it.concurrent.each([[['dash']], [['bash', '--norc']], [['busybox', 'sh']]])(
    'runs under %s and says why a section has no text',
    async (shell) => {
      const { samples } = await collect(
        [
          source('quoted', `echo "it's" '"$HOME"' $((1+1))`),
          source('absent', 'echo /proc/x; exit 3'),
          source('forbidden', 'echo dmesg; exit 4', { limit: 0 }),
          source('broken', 'exit 9'),
          source('slow', 'sleep 30', { limit: 1, cadence: 'first' }),
        ],
        shell,
      );
      expect(samples[0]).toEqual({
        quoted: { kind: 'text', text: `it's "$HOME" 2` },
        absent: { kind: 'absent', reason: { code: 'absent', what: '/proc/x' } },
        forbidden: { kind: 'unreadable', reason: { code: 'no-permission', what: 'dmesg' } },
        broken: { kind: 'unreadable', reason: { code: 'failed', what: 'broken: exit status 9' } },
        slow: { kind: 'unreadable', reason: { code: 'too-slow', what: 'slow' } },
      });
      expect(Object.keys(samples[1] ?? {})).toEqual(['quoted', 'absent', 'forbidden', 'broken']);
    },
  );

  it('hands what the sockets section found to those after it, and files what is asked between with the second sample', async () => {
    const { samples, events } = await collect([
      source('sockets', 'echo seen'),
      source('later', 'echo "got $SOCKETS $SAMPLE $INTERVAL"', { cadence: 'between' }),
    ]);
    expect(samples[1]?.['later']).toEqual({ kind: 'text', text: 'got seen 2 1' });
    expect(events.filter(({ kind }) => kind === 'sample')).toHaveLength(2);
  });

  it('does not let a fragment eat the script', async () => {
    const { samples } = await collect([source('greedy', 'cat'), source('next', 'echo here')]);
    expect(samples[0]?.['next']).toEqual({ kind: 'text', text: 'here' });
  });
});

describe('readCollector', () => {
  it('passes over banners and marks a section that was cut', () => {
    const { samples } = samplesOf(
      `Welcome!\n${BOUNDARY} begin 1 a\ntext\n${BOUNDARY} end 1 a 0\n${BOUNDARY} begin 1 b\nhalf`,
    );
    expect(samples).toEqual([
      { a: { kind: 'text', text: 'text' }, b: { kind: 'unreadable', reason: { code: 'cut-off', what: 'b' } } },
    ]);
  });

  it('takes from a host that knows the boundary no sample but the next, and no name but that of a source', () => {
    const { samples, events } = samplesOf(
      ['begin 1 ../../../tmp/x', 'end 1 ../../../tmp/x 0', 'begin 1 __proto__', 'begin 900000000 a', 'done 2', 'done 1']
        .concat(['done 1', 'done 1e0', 'begin 3 a', 'done 2', 'done 3', 'begin 0 a', 'end -1 a 0'])
        .map((line) => `${BOUNDARY} ${line}\n`)
        .join(''),
    );
    expect(samples).toEqual([{}, {}]);
    expect(events.map((event) => event.kind === 'sample' && event.number)).toEqual([1, 2]);
  });

  it('reads no section that is longer than any host has, and goes on with the next', () => {
    const long = `${BOUNDARY} begin 1 a\n${`${'y'.repeat(999)}\n`.repeat(300)}`;
    const { samples } = samplesOf(
      `${long}${BOUNDARY} end 1 a 0\n${BOUNDARY} begin 1 b\nz\n${BOUNDARY} end 1 b 0\n`,
      1000,
    );
    expect(samples).toEqual([
      { a: { kind: 'unreadable', reason: { code: 'too-long', what: 'a' } }, b: { kind: 'text', text: 'z' } },
    ]);
  });

  it('reads the same however the text is split', () => {
    const text = `${BOUNDARY} begin 1 a\nx\r\ny\n${BOUNDARY} end 1 a 0\n${BOUNDARY} done 1\n`;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), (chunk) => {
        expect(samplesOf(text, chunk)).toEqual(samplesOf(text, 1));
      }),
    );
  });
});
