/** What people write, record and pipe: file and place are named, the status is right, and nothing is obeyed. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '#lab/command.ts';
import { PROGRAM } from '../built.ts';
import { cli } from './cli-process.ts';
import { expectSaid, STRAY } from './said.ts';
import { openSite, type Site } from './site.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CASE = join(ROOT, 'runbooks/ephemeral-port-exhaustion-per-destination/cases/time-wait-towards-a-database');

let site: Site;
beforeAll(async () => {
  site = await openSite('i', 1);
});
afterAll(() => site?.close());

async function fileWith(name: string, text: string): Promise<string> {
  const file = join(site.dir, name);
  await writeFile(file, text);
  return file;
}

describe('what people write', () => {
  it.each<[string, string, RegExp]>([
    [
      'unknown-key',
      'hosts:\n  web-01: { adress: 10.0.0.1 }\n',
      /unknown-key\.yaml line 2: hosts\.web-01\.adress is not a known key; did you mean address\?/,
    ],
    ['not-yaml', 'hosts:\n  web-01: { address: [10.0.0.1\n', /not-yaml\.yaml line \d+: this is not YAML/],
    ['bad-port', 'hosts:\n  web-01: { port: 99999 }\n', /bad-port\.yaml line 2: hosts\.web-01\.port must be/],
    [
      'no-inventory',
      'inventory: { ansible: ./gone.ini }\n',
      /inventory\.ansible names .*gone\.ini, which does not exist/,
    ],
    [
      'bad-known',
      'hosts: { web-01: { address: 127.0.0.1 } }\nssh: { knownHosts: ./, agent: false }\n',
      /known host keys cannot be read, so nothing was sent/,
    ],
  ])('configuration %s: file and place are named, in both languages', async (name, text, said) => {
    const config = await fileWith(`${name}.yaml`, text);
    const english = await site.check(config);
    const japanese = await site.check(config, '--lang', 'ja', '--json');
    expectSaid(english, name === 'bad-known' ? /nothing was sent/ : said);
    expect(english.stdout).toBe('');
    expect(english.status).toBe(name === 'bad-known' ? 3 : 2);
    expectSaid(japanese, /[ぁ-ん]/);
    expect(JSON.parse(japanese.stdout)).toMatchObject({ schema: 'tcp-oncall.error/1' });
  });

  it('a group is no host', async () => {
    const group = await cli(['check', 'lab', '--config', site.lab.paths.config]);
    expectSaid(group, /lab is a group, and hosts are checked one at a time: .*web-01/);
    expect(group.status).toBe(2);
  });

  it('an unknown name in Japanese, and a name that tries to be more than one', async () => {
    expectSaid(
      await cli(['check', 'web-1', '--lang', 'ja', '--config', site.lab.paths.config]),
      /"web-1" はありません。web-01 のことですか？/,
    );
    for (const name of [
      'web-01;reboot',
      '$(reboot)',
      '-oProxyCommand=reboot',
      '../web-01',
      'web-01\nweb-02',
      '{{this}}',
      '\u001b[2J',
    ]) {
      const ended = await cli(['check', '--config', site.lab.paths.config, '--', name]);
      expectSaid(ended, /There is no host "/);
      expect(ended.status).toBe(2);
    }
  });

  it.each(['0', '61', 'abc', '', '1h', '-5s'])('--interval %j is refused', async (text) => {
    const { stderr, status } = await cli(['check', 'web-01', `--interval=${text}`]);
    expect(stderr).toContain(`--interval is a time from 1s to 60s, such as 30, 30s or 1m, not "${text}".`);
    expect(status).toBe(2);
  });

  it('--raw under a file, or into a directory with something in it: nothing is connected to', async () => {
    const config = await site.configWith({ address: site.nobody() });
    const file = await fileWith('a-file', '');
    expectSaid(
      await site.check(config, '--raw', join(file, 'raw')),
      /The readings cannot be written to .*a-file\/raw: ENOTDIR/,
    );
    const ended = await site.check(config, '--raw', site.dir, '--json');
    expectSaid(ended, /is not empty; name a new directory/);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: 'usage' });
    expect(ended.status).toBe(2);
  });

  it('--raw onto a full disk: the report is out, and what failed is said', async () => {
    const target = join(site.dir, 'tmpfs');
    await mkdir(target);
    const program = [
      process.execPath,
      PROGRAM,
      'check',
      'web-01',
      '--interval',
      '1s',
      '--config',
      site.lab.paths.config,
    ];
    const script = 'mount -t tmpfs -o size=4k tmpfs "$1" && d=$1 && shift && exec "$@" --raw "$d/raw"';
    const ended = await run(['unshare', '--mount', 'sh', '-c', script, 'sh', target, ...program]);
    expectSaid(ended, /The readings cannot be written to .*tmpfs\/raw: ENOSPC/);
    expect(ended.stdout).toMatch(/^web-01: nothing found/);
    expect(ended.status).toBe(2);
  });
});

describe('a recording that is broken', () => {
  async function recording(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    const place = join(site.dir, name);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(place, path, '..'), { recursive: true });
      await writeFile(join(place, path), text);
    }
    return place;
  }

  it('is named', async () => {
    const odd = await recording('odd', { '1/sockets.whim.txt': '' });
    expectSaid(await cli(['replay', odd]), /sockets\.whim\.txt is named after no known reason/);
    const meta = await recording('meta', { '1/sockets.txt': '', 'meta.json': '{"host": 5}' });
    const ended = await cli(['replay', meta, '--json']);
    expectSaid(ended, /meta\.json is not the meta\.json of a recording/);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: 'usage' });
    expect(ended.status).toBe(2);
  });

  it('or hostile: nothing in it is called healthy or obeyed', async () => {
    const meta = JSON.stringify({ host: STRAY, startedAt: '2026-11-20T13:50:12.000Z', interval: 5, version: '' });
    const place = await recording('hostile', {
      '1/sockets.txt': STRAY,
      '1/listeners.txt': '\0\u0001\ufffd',
      '1/netstat.txt': `TcpExt: ${STRAY}`,
      '1/host.txt': `kernel ${STRAY}`,
      '1/nothing-we-know.txt': STRAY,
      'meta.json': meta,
    });
    const { stdout, stderr, status } = await cli(['replay', place, '--all']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\{\{constructor\}\}.*: could not be\s+checked/);
    expect(stdout).toContain('Could not be checked: 29 of 29');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(status).toBe(3);
  });
});

describe('where the answer goes', () => {
  it('is quiet when the reader has seen enough, also of a check', async () => {
    const command = `'${process.execPath}' ${PROGRAM} check web-01 --interval 1s --all --config ${site.lab.paths.config} | true`;
    expect(await run(['sh', '-c', command])).toMatchObject({ status: 0, stderr: '', stdout: '' });
  });

  it('says in one sentence that it cannot be written', async () => {
    const command = `'${process.execPath}' ${PROGRAM} replay '${CASE}' >/dev/full`;
    const ended = await run(['sh', '-c', command]);
    expectSaid(ended, /^tcp-oncall: The answer cannot be written: ENOSPC/);
    expect(ended.status).toBe(3);
  });

  /** A terminal of so many columns, as script(1) makes one. */
  async function terminal(columns: number, language: string, env = ''): Promise<string> {
    const command = `stty cols ${columns}; ${env} '${process.execPath}' ${PROGRAM} replay '${CASE}' --lang ${language}`;
    const { stdout } = await run(['script', '-qec', command, '/dev/null']);
    return stdout.replaceAll('\r', '');
  }

  it.each([
    [40, 'en'],
    [40, 'ja'],
    [200, 'en'],
  ])('fits %i columns in %s', async (columns, language) => {
    const { default: stringWidth } = await import('string-width');
    const text = await terminal(columns, language);
    const widest = Math.max(...text.split('\n').map((line) => stringWidth(line)));
    expect(widest).toBeLessThanOrEqual(Math.min(columns, 100));
    expect(widest).toBeGreaterThan(Math.min(columns, 90) * 0.8);
    expect(text).toContain('\u001b[');
  });

  it('has no colour with NO_COLOR, even in a terminal', async () => {
    expect(await terminal(80, 'en', 'NO_COLOR=1')).not.toContain('\u001b');
  });
});
