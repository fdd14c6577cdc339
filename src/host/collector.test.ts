import { execFile, execFileSync } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Files, Source } from '#domain/evidence.ts';
import { read } from '#domain/reading.ts';
import { buildCollector } from './collector.ts';
import { type CollectorEvent, readCollector } from './collector-stream.ts';

const run = promisify(execFile);
const BOUNDARY = 'tcp-oncall-0123456789abcdef';
const NAMES = 'a b quoted absent forbidden broken slow ending sockets queues later greedy next'.split(' ');
const SHELLS = ['dash', 'bash --norc', 'bash --posix', 'busybox sh'];
const AWKS = ['mawk', 'gawk', 'busybox'];

function script(name: string, text: string): Source<string> {
  return { name, cadence: 'between', script: `${text}\n`, parse: read };
}

function filesOf(name: string, files: readonly Files[], cadence: 'each' | 'first' = 'first'): Source<string> {
  return { name, cadence, files, parse: read };
}

interface Host {
  readonly shell?: string;
  /** What the host has besides its own: programs before them on its PATH. */
  readonly bin?: string;
}

async function collect(sources: readonly Source<string>[], { shell = 'sh', bin = '/nonexistent' }: Host = {}) {
  // By its boundary a collection knows what it has started.
  const boundary = `tcp-oncall-${randomUUID()}`;
  const text = buildCollector({ sources, intervalSeconds: 1, limitSeconds: 1, boundary });
  const [program = 'sh', ...args] = shell.split(' ');
  const child = run(program, [...args, '-s'], { env: { PATH: `${bin}:${process.env['PATH']}` } });
  child.child.stdin?.end(text);
  return samplesOf((await child).stdout, 7, boundary);
}

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'collector-'));
  chmodSync(path, 0o755);
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function samplesOf(stdout: string, chunk = 7, boundary = BOUNDARY) {
  const events: CollectorEvent[] = [];
  const stream = readCollector({ boundary, sources: NAMES }, (event) => events.push(event));
  for (let at = 0; at < stdout.length; at += chunk) stream.push(stdout.slice(at, at + chunk));
  return { samples: stream.end().map(({ readings }) => readings), events };
}

describe('the collector', () => {
  // Each waits a second, for what is too slow.
  it.concurrent.each(SHELLS)('runs under %s and says why a section has no text', async (shell) => {
    const { samples } = await collect(
      [
        script('quoted', `echo "it's" '"$HOME"' $((1+1))`),
        script('absent', 'echo /proc/x; return 3'),
        script('forbidden', 'echo dmesg; return 4'),
        script('broken', 'return 9'),
        script('slow', 'echo begun; sleep 30'),
        script('ending', 'echo ss; exit 6'),
        script('next', 'echo here'),
      ],
      { shell },
    );
    expect(samples).toEqual([
      {},
      {
        quoted: { kind: 'text', text: `it's "$HOME" 2` },
        absent: { kind: 'absent', reason: { code: 'absent', what: '/proc/x' } },
        forbidden: { kind: 'unreadable', reason: { code: 'no-permission', what: 'dmesg' } },
        broken: { kind: 'unreadable', reason: { code: 'failed', what: 'broken: exit status 9' } },
        slow: { kind: 'unreadable', reason: { code: 'too-slow', what: 'slow' } },
        ending: { kind: 'unreadable', reason: { code: 'no-command', what: 'ss' } },
        next: { kind: 'text', text: 'here' },
      },
    ]);
  });

  it('gives each script the whole time, also after one that used it up', async () => {
    const { samples } = await collect([
      script('a', 'sleep 0.7; echo a'),
      script('b', 'sleep 0.7; echo b'),
      script('slow', 'sleep 30'),
      script('later', 'sleep 0.7; echo later'),
    ]);
    expect(samples[1]).toEqual({
      a: { kind: 'text', text: 'a' },
      b: { kind: 'text', text: 'b' },
      slow: { kind: 'unreadable', reason: { code: 'too-slow', what: 'slow' } },
      later: { kind: 'text', text: 'later' },
    });
  });

  it('leaves nothing running of what was too slow', async () => {
    // Another run of this test may be under way on this machine.
    const seconds = `1${randomInt(1e6, 1e9)}`;
    const { samples } = await collect([
      script('slow', `sh -c "sleep ${seconds} & sleep ${seconds} & wait"`),
      // The brackets keep grep from finding itself.
      script('next', `cat /proc/[0-9]*/cmdline | tr "\\0" "\\n" | grep -cx "[1]${seconds.slice(1)}"`),
    ]);
    expect(samples[1]?.['next']).toMatchObject({ reason: { what: 'next: exit status 1' } });
  });

  it('asks a probe once a sample, for all its sources, and hands on what it found', async () => {
    const probe = {
      script:
        'begin sockets\nSOCKETS="seen $SAMPLE $INTERVAL"\necho "$SOCKETS"\nend sockets 0\nbegin queues; end queues 3\n',
    };
    const { samples, events } = await collect([
      { name: 'sockets', cadence: 'each', probe, parse: read },
      { name: 'queues', cadence: 'through', probe, parse: read },
      script('later', 'echo "got $SOCKETS in $SAMPLE"'),
    ]);
    expect(samples[0]?.['sockets']).toEqual({ kind: 'text', text: 'seen 1 1' });
    expect(samples[1]).toMatchObject({
      sockets: { kind: 'text', text: 'seen 2 1' },
      queues: { kind: 'absent' },
      later: { kind: 'text', text: 'got seen 1 1 in 2' },
    });
    expect(events.filter(({ kind }) => kind === 'sample')).toHaveLength(2);
  });

  it('does not let a script eat the collector', async () => {
    const { samples } = await collect([script('greedy', 'cat'), script('next', 'echo here')]);
    expect(samples[1]?.['next']).toEqual({ kind: 'text', text: 'here' });
  });
});

describe.each(AWKS)('files, read by %s', (awk) => {
  /** Whichever of the two the collector would take is this one. */
  function bin(): string {
    const path = temporaryDirectory();
    const program = execFileSync('sh', ['-c', `command -v ${awk}`], { encoding: 'utf8' }).trim();
    const text = `#!/bin/sh\nexec ${program} ${awk === 'busybox' ? 'awk' : ''} "$@"\n`;
    for (const name of ['awk', 'mawk']) writeFileSync(join(path, name), text, { mode: 0o755 });
    return path;
  }

  it('have their lines in order, named, chosen and summed', async () => {
    const dir = temporaryDirectory();
    writeFileSync(join(dir, 'one'), 'a 1\n\nb 2');
    writeFileSync(join(dir, 'two'), '7\n');
    writeFileSync(join(dir, 'sums'), 'entries found drop\n00000005 000000ff 0000000A\n00000005 ffffffff 00000001\n');
    symlinkSync('net:[4026531833]', join(dir, 'link'));
    const { samples } = await collect(
      [
        filesOf(
          'a',
          [{ paths: [join(dir, 'one')] }, { under: `${dir}/`, paths: ['two', 'gone'], label: '@:' }],
          'each',
        ),
        filesOf('b', [
          { under: `${dir}/`, paths: ['one', 'two'], label: 'x ', keep: '^(b|7)' },
          { paths: [join(dir, 'sums')], label: 'stat ', how: 'sum' },
          { paths: [join(dir, 'link')], label: 'netns ', how: 'look' },
          { paths: [join(dir, 'two')], label: 'mode ', how: 'look' },
          { paths: ['uname'], label: 'machine ', how: 'look' },
        ]),
      ],
      { bin: bin() },
    );
    const machine = (await run('uname', ['-m'])).stdout.trim();
    const a = { kind: 'text', text: 'a 1\n\nb 2\ntwo:7' };
    const b = `x b 2\nx 7\nstat found 4294967550\nstat drop 11\nnetns net:[4026531833]\nmode -rw-r--r--\nmachine ${machine}`;
    expect(samples).toEqual([{ a, b: { kind: 'text', text: b } }, { a }]);
  });

  it('that are needed and missing make the section missing; of others it is told, or nothing', async () => {
    const dir = temporaryDirectory();
    writeFileSync(join(dir, 'there'), '1\n');
    mkdirSync(join(dir, 'directory'));
    const under = `${dir}/`;
    const { samples } = await collect(
      [
        filesOf('absent', [{ under, paths: ['gone', 'there'], how: 'need' }]),
        filesOf('a', [
          { under, paths: ['gone', 'directory'] },
          { under, paths: ['there'] },
        ]),
        filesOf('b', [{ under, paths: ['gone', 'there', 'directory'], label: '@:', how: 'tell' }]),
      ],
      { bin: bin() },
    );
    expect(samples[0]).toEqual({
      absent: { kind: 'absent', reason: { code: 'absent', what: `${dir}/gone` } },
      a: { kind: 'text', text: '1' },
      b: { kind: 'text', text: 'absent gone\nthere:1\nfailed directory' },
    });
  });

  // sysfs refuses root only when it opens the file, as SELinux does.
  const REFUSED = '/sys/bus/cpu/drivers_probe';
  it.runIf(process.getuid?.() === 0 && existsSync(REFUSED))(
    'that are refused only when they are opened have failed',
    async () => {
      const { samples } = await collect(
        [
          filesOf('broken', [{ paths: [REFUSED, '/proc/uptime'], how: 'need' }]),
          filesOf('a', [{ paths: [REFUSED], label: '@:', how: 'tell' }]),
          filesOf('b', [{ paths: [REFUSED] }]),
        ],
        { bin: bin() },
      );
      expect(samples[0]).toEqual({
        broken: { kind: 'unreadable', reason: { code: 'failed', what: 'broken: exit status 1' } },
        a: { kind: 'text', text: `failed ${REFUSED}` },
        b: { kind: 'text', text: '' },
      });
    },
  );

  it.runIf(process.getuid?.() === 0)('that this account may not read are no permission', async () => {
    const dir = temporaryDirectory();
    writeFileSync(join(dir, 'secret'), '1\n', { mode: 0o600 });
    const paths = [join(dir, 'secret')];
    const { samples } = await collect(
      [filesOf('forbidden', [{ paths, how: 'need' }]), filesOf('a', [{ paths, label: '@:', how: 'tell' }])],
      { bin: bin(), shell: 'setpriv --reuid 65534 sh' },
    );
    expect(samples[0]).toEqual({
      forbidden: { kind: 'unreadable', reason: { code: 'no-permission', what: paths[0] } },
      a: { kind: 'text', text: `no-permission ${paths[0]}` },
    });
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
