import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCliWords } from '#catalogue.ts';
import { LANGUAGES } from '#domain/language.ts';
import { createSurroundings } from '#ssh/surroundings.ts';
import { define, runCli } from './program.ts';
import type { World } from './world.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'program-'));
  await writeFile(join(dir, 'ja.yaml'), 'language: ja\nhosts: { web-01: { address: 10.0.0.11 } }\n');
});
afterAll(() => rm(dir, { recursive: true }));

async function run(args: readonly string[], lang = 'C.UTF-8') {
  const said = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      said[name] += text;
    },
  });
  const [stdout, stderr] = [sink('stdout'), sink('stderr')];
  const surroundings = async () => createSurroundings({ knownHosts: [], agentSocket: undefined });
  const { signal } = new AbortController();
  const world = { stdout, stderr, env: { LANG: lang }, version: '1.2.3', signal, surroundings } as unknown as World;
  return { status: await runCli(args, world), ...said };
}

const USAGE: readonly (readonly [readonly string[], RegExp, RegExp])[] = [
  [['chekc', 'web-01'], /no command "chekc"\. Did you mean check\?/, /「chekc」というコマンドはありません。check の/],
  [['audit', 'verfy'], /Did you mean verify\? tcp-oncall audit --help/, /verify のことですか？/],
  [['check', '--alle', 'x'], /tcp-oncall check has no option --alle\. Did you mean --all\?/, /--alle というオプション/],
  [['check'], /tcp-oncall check needs a host/, /ホストを指定してください/],
  [['check', '--all'], /--all means every number of one host/, /全ホストという意味ではありません/],
  [['check', 'web-01', 'web-02'], /One host at a time/, /1台ずつ/],
  [['check', 'web-01', '2h'], /from 1s to 60s.*not "2h"/, /1s から 60s まで.*「2h」/],
  [['check', 'web-01', 'for', '90', 's'], /from 1s to 60s.*not "90 s"/, /「90 s」/],
  [['hosts', 'test', 'web-01', 'web-02'], /One host at a time/, /1台ずつ/],
  [['help', 'chekc'], /no command "chekc"\. Did you mean check\?/, /「chekc」というコマンドはありません。check の/],
  [['audit', 'help', 'verfy'], /no command "verfy"\. Did you mean verify\?/, /verify のことですか？/],
  // What an option is given leads to no command, also before the command.
  [['--config', 'serve', 'chekc'], /no command "chekc"\. Did you mean check\? tcp-oncall --help/, /check の/],
  [['--confg', 'x.yaml', 'hosts'], /tcp-oncall hosts has no option --confg\. Did you mean --config\?/, /--config の/],
  [['--config'], /--config needs a value/, /--config には値が必要です/],
  // The host is not known, the time is, or there is none.
  [['check', 'nosuch'], /no host "nosuch"/, /ホスト "nosuch"/],
  [['check', 'nosuch', '5s'], /no host "nosuch"/, /ホスト "nosuch"/],
  [['check', 'nosuch', 'for', '30', 's'], /no host "nosuch"/, /ホスト "nosuch"/],
  [['explain', 'a', 'b'], /too many arguments: 2 instead of 1/, /引数は 1 個ですが、2 個/],
  [['replay'], /tcp-oncall replay needs <dir>/, /<dir> が必要です/],
  [['check', 'web-01', '--raw'], /--raw needs a value/, /--raw には値が必要です/],
  [['deny', 'x'], /tcp-oncall deny needs --reason\./, /--reason が必要です/],
  [['propose', 'web-01', 'x', '--minutes', '0'], /--minutes is a whole number.*not "0"/, /--minutes .*「0」/],
  [['audit', 'export', '--format', 'xml'], /--format takes jsonl, csv, not "xml"/, /jsonl, csv です（「xml」/],
  [
    ['kernel', 'bild', 'web-01'],
    /no command "bild"\. Did you mean build\? tcp-oncall kernel --help/,
    /build のことですか？/,
  ],
  [['kernel', 'build', 'web-01'], /kernel build needs <timewait>/, /<timewait> が必要です/],
  [['kernel', 'plan', 'web-01', 'timewait=x'], /timewait is .*such as timewait=15, not "timewait=x"/, /「timewait=x」/],
  [['completion', 'ksh'], /bash, zsh, fish, not "ksh"/, /bash, zsh, fish です（「ksh」/],
  [['check', 'x', '--interval', '90s'], /from 1s to 60s.*not "90s"/, /1s から 60s まで.*「90s」/],
  [['serve', '--roles', 'robot'], /slack, worker and web.*not "robot"/, /slack、worker、web.*「robot」/],
  [
    ['explain', 'close-wiat-leak'],
    /no diagnosis "close-wiat-leak"\. Did you mean close-wait-leak\?/,
    /close-wait-leak の/,
  ],
];

describe('a command line that is wrong', () => {
  it.each(USAGE)('%j: status 2, one line, in both languages', async (args, english, japanese) => {
    for (const [more, said] of [
      [[], english],
      [['--lang', 'ja'], japanese],
    ] as const) {
      const { status, stdout, stderr } = await run([...more, ...args]);
      expect(stderr).toMatch(said);
      expect(stderr).toMatch(/^tcp-oncall: [^\n]+\n$/);
      expect(stderr).not.toMatch(/error:|[{}]/);
      expect(stdout).toBe('');
      expect(status).toBe(2);
    }
  });

  it('is one JSON document with --json', async () => {
    expect(JSON.parse((await run(['check', '--json'])).stdout)).toMatchObject({ error: 'usage' });
  });
});

const COMMANDS = [
  'check',
  'explain',
  'hosts',
  'hosts test',
  'serve',
  'plan',
  'host-setup',
  'policy test',
  'changes',
  'propose',
  'deny',
  'freeze',
  'kernel',
  'kernel plan',
  'kernel build',
  'kernel log',
  'kernel provenance',
];

describe('help', () => {
  it.each(LANGUAGES)('has every text that a command names, and no other, in %s', async (language) => {
    const named = new Set<string>();
    const say = (text: string) => {
      named.add(text);
      return '';
    };
    define({ world: { version: '1' } as World, end: () => {}, say });
    expect([...named].sort()).toEqual(Object.keys((await loadCliWords(language, null)).help).sort());
  });

  it('that lacks a text names it', async () => {
    const site = join(dir, 'site');
    const { help, ...words } = await loadCliWords('en', null);
    await mkdir(join(site, 'templates'), { recursive: true });
    const { check: _, ...others } = help;
    await writeFile(join(site, 'templates/cli.en.yaml'), JSON.stringify({ ...words, help: others }));
    await writeFile(join(dir, 'site.yaml'), 'overrides: ./site\n');
    const { status, stderr } = await run(['--config', join(dir, 'site.yaml'), '--help']);
    expect(stderr).toMatch(/cli\.\*\.yaml has no text help: check\./);
    expect(status).toBe(2);
  });

  it.each(['', ...COMMANDS, 'audit export', 'approve', 'completion'])('%s: whole in both languages', async (words) => {
    const args = [...words.split(' ').filter((word) => word !== ''), '--help'];
    const [english, japanese] = [await run(args), await run(args, 'ja_JP.UTF-8')];
    expect([english.status, japanese.status]).toEqual([0, 0]);
    expect(english.stdout).toMatch(/^Usage: tcp-oncall/);
    expect(japanese.stdout).toMatch(/^使い方: tcp-oncall/);
    expect(japanese.stdout).not.toMatch(/Options:|Commands:|\[options\]|display|default/);
    const wide = (text: string) => text.split('\n').filter((line) => stringWidth(line) > 80);
    expect([...wide(english.stdout), ...wide(japanese.stdout)]).toEqual([]);
  });

  it('follows the language of the configuration, which may be named before the command', async () => {
    const config = join(dir, 'ja.yaml');
    expect((await run(['--config', config, 'check', '--help'])).stdout).toMatch(/^使い方/);
    expect((await run(['check', '--help', '--config', config])).stdout).toMatch(/^使い方/);
    expect((await run(['--config', config, '--lang', 'en', 'check', '--help'])).stdout).toMatch(/^Usage/);
  });

  it('is there also when the configuration is broken, and shows the version', async () => {
    expect((await run(['--config', '/nonexistent', '--help'])).stdout).toMatch(/^Usage/);
    expect((await run(['--version'])).stdout).toBe('1.2.3\n');
  });
});

describe('--config and --lang', () => {
  it.each([
    ['before the command', (config: string) => ['--config', config, '--lang', 'en', 'hosts']],
    ['after it', (config: string) => ['hosts', '--lang', 'en', '--config', config]],
    ['around it', (config: string) => ['--lang', 'en', 'hosts', 'list', '--config', config]],
    ['within it', (config: string) => ['hosts', `--config=${config}`, '--lang=en', 'list']],
  ])('%s', async (_, argsOf) => {
    const { status, stdout } = await run(argsOf(join(dir, 'ja.yaml')));
    expect(stdout).toMatch(/^HOST.*\nweb-01 +\S+@10\.0\.0\.11\n$/);
    expect(status).toBe(0);
  });
  it.each([
    ['before the command', (config: string) => ['--config', config, 'hosts', 'test', '']],
    ['as one word', (config: string) => [`--config=${config}`, 'hosts', 'test', '']],
    ['as bash splits it', (config: string) => ['hosts', '--config', '=', config, 'test', 'web']],
  ])('%s, for the hosts that complete a line', async (_, wordsOf) => {
    expect((await run(['__complete', ...wordsOf(join(dir, 'ja.yaml'))])).stdout).toBe('web-01\n');
  });

  it.each([[['-']], [['hosts', '-']], [['kernel', 'plan', '-']]])('are offered after %j', async (words) => {
    const { stdout } = await run(['__complete', ...words]);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['--help', '--lang', '--config']));
  });
});
