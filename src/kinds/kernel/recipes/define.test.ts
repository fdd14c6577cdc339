import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const PART = new URL('define.sh', import.meta.url).pathname;
const DIR = mkdtempSync(join(tmpdir(), 'define-'));
const HEADER = join(DIR, 'tcp.h');
const USUAL = '#define TCP_TIMEWAIT_LEN (60*HZ) /* how long to wait to destroy TIME-WAIT';

afterAll(() => rmSync(DIR, { recursive: true }));

function header(...lines: readonly string[]): string {
  return ['#define A 1', ...lines, '#define TCP_FIN_TIMEOUT\tTCP_TIMEWAIT_LEN', ''].join('\n');
}

function set(text: string, seconds: string, shell: readonly string[] = ['dash']) {
  writeFileSync(HEADER, text);
  const [program = '', ...words] = shell;
  const argv = [...words, '-c', `. ${PART}; define_set "$@"`, 'sh', HEADER, seconds];
  const { status, stdout } = spawnSync(program, argv, { encoding: 'utf8' });
  return { status, said: stdout.trim(), text: readFileSync(HEADER, 'utf8') };
}

describe('the one edit', () => {
  it.each([[['dash']], [['bash', '--posix']], [['busybox', 'ash']]] as const)('is made with %s', (shell) => {
    const result = set(header(USUAL), '15', shell);
    expect(result).toEqual({ status: 0, said: 'applied 60 -> 15', text: header(USUAL.replace('60*', '15*')) });
  });

  it.each([
    '#define TCP_TIMEWAIT_LEN (5*HZ)',
    '#define TCP_TIMEWAIT_LEN\t(5*HZ)\t/* short */',
    '#define  TCP_TIMEWAIT_LEN (5 * HZ)',
  ])('goes back to 60 from %j', (line) => {
    expect(set(header(line), '60')).toEqual({
      status: 0,
      said: 'applied 5 -> 60',
      text: header(line.replace('(5', '(60')),
    });
  });

  it('leaves a header that is as wanted untouched, so that make compiles nothing again', () => {
    set(header(USUAL), '60');
    const { ino, mtimeMs } = statSync(HEADER);
    const again = spawnSync('dash', ['-c', `. ${PART}; define_set "$@"`, 'sh', HEADER, '60'], { encoding: 'utf8' });
    expect(again.stdout).toBe('already 60\n');
    expect(statSync(HEADER)).toMatchObject({ ino, mtimeMs });
  });

  it.each([
    ['#define TCP_TIMEWAIT_LEN (sysctl_tcp_tw_timeout * HZ)'],
    ['#define TCP_TIMEWAIT_LEN (60*HZ*2)'],
    ['#define TCP_TIMEWAIT_LEN 60*HZ'],
    ['#define TCP_TIMEWAIT_LEN (60*HZ) + 1'],
    ['#define TCP_TIMEWAIT_LENGTH (60*HZ)'],
    ['/* TCP_TIMEWAIT_LEN was here */'],
    [USUAL, '#undef TCP_TIMEWAIT_LEN', '#define TCP_TIMEWAIT_LEN (30*HZ)'],
  ])('refuses %j', (...lines) => {
    expect(set(header(...lines), '15')).toEqual({ status: 3, said: '', text: header(...lines) });
  });

  it.each(['4', '61', '', '015', '15;', '1e1', '-5', '150'])('refuses %j seconds', (seconds) => {
    expect(set(header(USUAL), seconds)).toEqual({ status: 4, said: '', text: header(USUAL) });
  });

  it('is the only difference, and a patch of more than nine lines with its context', () => {
    const was = join(DIR, 'was.h');
    const around = Array.from({ length: 9 }, (_, n) => `#define TCP_${n} ${n}`);
    writeFileSync(was, header(...around, USUAL, '\t\t\t\t  * state, about 60 seconds\t*/', ...around));
    expect(set(readFileSync(was, 'utf8'), '15').said).toBe('applied 60 -> 15');
    const { stdout } = spawnSync('dash', ['-c', `. ${PART}; define_patch ${was} ${HEADER}`], { encoding: 'utf8' });
    expect(stdout.split('\n').filter((line) => /^[-+]/.test(line))).toEqual([
      '--- a/include/net/tcp.h',
      '+++ b/include/net/tcp.h',
      `-${USUAL}`,
      `+${USUAL.replace('60*', '15*')}`,
    ]);
    expect(stdout.split('\n').length).toBeGreaterThan(10);
  });
});
