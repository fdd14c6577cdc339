/** What a kernel build's runner is told and says that it should not: hostile words, root, logs without end. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLogPart } from '#kinds/kernel/runner-answer.ts';
import { type BuildHost, ID, ORDER, openBuildHost, PROGRAM, SHELLS, soon, WORD } from '../kernel/build-host.ts';

const NL = '\n';

describe.each(SHELLS)('refused by %s, and nothing is built', (shell) => {
  const WORDS = [
    ['recipe', 'recipe=cat'],
    ['recipe', 'recipe=../fake'],
    ['recipe', 'recipe=fake;reboot'],
    ['seconds', 'seconds=4'],
    ['seconds', 'seconds=61'],
    ['seconds', 'seconds=015'],
    ['seconds', 'seconds=99999999999999999999'],
    ['seconds', 'seconds=15 '],
    ['release', 'release=$(touch /tmp/x)'],
    ['release', 'release=-rf'],
    ['release', `release=6.1${NL}recipe=fake`],
    ['release', `release=${'6'.repeat(101)}`],
    ['arch', 'arch=x86'],
    ['package', 'package=../../.ssh'],
    ['package', 'package='],
    ['version', 'version=1/../../x'],
    ['version', 'version=1:2'],
    ['version', 'version=é'],
    ['url', 'url=http://example.org/kernel.src.rpm'],
    ['url', 'url=https://example.org/`id`'],
    ['url', 'url=https://'],
    ['url', "url=https://example.org/'"],
    ['config', 'config=all'],
    ['configsha', `configsha=${'g'.repeat(64)}`],
    ['configsha', 'configsha=ab'],
    ['modules', 'modules=a b'],
    ['modules', 'modules=*'],
    ['jobs', 'jobs=0'],
    ['jobs', 'jobs=257'],
    ['memory', 'memory=-1'],
    ['limit', 'limit=1e9'],
    ['', '=x'],
    ['path', 'PATH=/tmp'],
    ['id', 'id=../x'],
  ] as const;

  it('every word that has not its shape', async () => {
    await using host = openBuildHost({ shell });
    const argv = host.argv({ verb: 'build', order: ORDER });
    for (const [name, word] of WORDS) {
      const others = argv.filter((other) => !other.startsWith(`${word.split('=')[0]}=`));
      const { stdout } = await host.run([...others, word], PROGRAM);
      const named = word.startsWith('PATH') ? '' : name;
      expect([word, stdout]).toEqual([word, `${WORD} state failed order ${named}\n`]);
    }
    expect(readdirSync(host.job())).toEqual(['gate', 'runner.sh']);
    expect(host.processes()).toEqual([]);
  }, 60_000);
});

it('refused: a word that is missing, a word twice', async () => {
  await using host = openBuildHost();
  const argv = host.argv({ verb: 'build', order: ORDER });
  const without = argv.filter((word) => !word.startsWith('seconds='));
  expect((await host.run(without, PROGRAM)).stdout).toBe(`${WORD} state failed order seconds\n`);
  expect((await host.run([...argv, 'seconds=16'], PROGRAM)).stdout).toBe(`${WORD} state failed order seconds twice\n`);
});

it.each(['abcdefg', 'abcdefghi', 'abcdefg1', '../../ab', 'ABCDEFGH', 'abcd efg', '', `abcdefg${NL}`])(
  'refused: the id "%s"',
  async (id) => {
    await using host = openBuildHost();
    for (const verb of ['build', 'cancel', 'look', 'log']) {
      const argv = [...host.argv({ verb: 'cancel' }).slice(0, 5), verb, id];
      expect((await host.run(argv, PROGRAM)).stdout).toBe('');
    }
    expect(existsSync(join(host.home, '.tcp-oncall'))).toBe(false);
  },
);

it('refused: root, before anything is written', async () => {
  await using host = openBuildHost();
  for (const ask of [{ verb: 'build', order: ORDER }, { verb: 'cancel' }, { verb: 'look', line: 0 }] as const) {
    const [program, ...words] = host.argv(ask);
    const env = { HOME: host.home, PATH: process.env['PATH'] };
    const { stdout } = spawnSync(program ?? '', words, { env, input: PROGRAM, encoding: 'utf8' });
    expect(stdout).toBe(`${WORD} state failed root\n`);
  }
  expect(existsSync(join(host.home, '.tcp-oncall'))).toBe(false);
});

it('refused: a program of which a part is missing', async () => {
  await using host = openBuildHost();
  const { stdout } = await host.run(host.argv({ verb: 'build', order: ORDER }), PROGRAM.slice(0, -100));
  expect(stdout).toBe(`${WORD} state none\n`);
  expect(readdirSync(host.job())).toEqual([]);
});

it('no other account sees into a job', async () => {
  await using host = openBuildHost();
  await host.run(host.argv({ verb: 'build', order: ORDER }), PROGRAM);
  expect(statSync(host.kernels).mode & 0o777).toBe(0o700);
});

describe('a log of 50 MB', () => {
  it('comes in parts of bounded size, and is not read again for each look', async () => {
    await using host = openBuildHost();
    host.knob(
      'compile',
      'yes "  CC      drivers/net/ethernet/intel/ice/ice_main.o" | head -c 50M; : >"$HOME/knobs/said"; held said',
    );
    host.knob('hold-said', '');
    await host.build();
    await soon(() => existsSync(join(host.home, 'knobs/said')));
    const look = host.argv({ verb: 'look', line: 0 });
    await host.run(look);
    const again = await host.run(look);
    expect(again.stdout.length).toBeLessThan(2048);
    expect(again.milliseconds).toBeLessThan(1000);
    const part = await logFrom(host, 25_000_000);
    expect(part.bytes).toBeLessThan(128 * 1024);
    expect(part.next - part.from).toBeGreaterThan(32 * 1024);
  });

  it('without a single end of a line, or of nothing else', async () => {
    await using host = openBuildHost();
    host.knob('compile', 'head -c 5M /dev/zero; yes "" | head -c 5M; return 1');
    await host.build();
    await host.over();
    for (const offset of [0, 7 * 1024 * 1024]) {
      const part = await logFrom(host, offset);
      expect(part.bytes).toBeLessThan(128 * 1024);
      expect(part.next).toBeGreaterThan(part.from);
    }
  });
});

it('the parts of a log are the log, byte for byte, while it grows and when it is over', async () => {
  await using host = openBuildHost();
  host.knob('hold-unit-3', '');
  host.knob(
    'compile',
    'printf "half a line"; held half; printf " and the rest\\n\\033[31mred\\n"; seq 20000; printf "no end"; return 1',
  );
  host.knob('hold-half', '');
  await host.build();
  let [text, next] = ['', 0];
  const more = async () => {
    const part = await logFrom(host, next);
    expect(part.from).toBe(next);
    text += part.text;
    next = part.next;
    return part;
  };
  await soon(async () => (await more()) && text.includes('3.o'));
  host.release('hold-unit-3');
  await soon(() => host.file('log').includes('half a line'));
  await more();
  expect(text).not.toContain('half');
  host.release('hold-half');
  await host.over();
  for (let part = await more(); part.next < part.size; part = await more());
  expect(text).toBe(`${readFileSync(join(host.job(), 'log'), 'utf8').replace('\u001b', '?')}\n`);
});

it('a look takes few processes, and a kilobyte', async () => {
  await using host = openBuildHost();
  host.carry();
  host.knob('compile', 'mkfifo "$HOME/knobs/gate"; read -r word <"$HOME/knobs/gate"');
  // Process numbers of a namespace of its own are counted there.
  const script = `
as() { setpriv --reuid=${host.account} --regid=${host.account} --clear-groups env HOME=${host.home} "$@"; }
boot=$1 words=$2; shift 2
as sh -c "$boot" kernel ${WORD} build ${ID} $words >/dev/null
until [ -p ${host.home}/knobs/gate ]; do sleep 0.1; done
before=$(cat /proc/sys/kernel/ns_last_pid)
as sh -c "$boot" kernel ${WORD} look ${ID} line=0 </dev/null
echo $(($(cat /proc/sys/kernel/ns_last_pid) - before))`;
  const [, , boot = '', , , , , ...words] = host.argv({ verb: 'build', order: ORDER });
  const flags = ['-p', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script, 'sh', boot, words.join(' ')];
  const { stdout } = spawnSync('unshare', flags, { input: PROGRAM, encoding: 'utf8' });
  expect(stdout).toContain(`${WORD} progress - - `);
  expect(stdout.length).toBeLessThan(1024);
  expect(Number(stdout.trim().split('\n').at(-1))).toBeLessThan(30);
});

async function logFrom(host: BuildHost, offset: number) {
  const { stdout } = await host.run(host.argv({ verb: 'log', offset }, ID));
  const part = readLogPart(stdout, WORD);
  if (part === undefined) throw new Error(`no part of the log: ${stdout.slice(0, 500)}`);
  return { ...part, bytes: stdout.length };
}
