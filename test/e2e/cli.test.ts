/** The program from outside, without a host: help, errors, exit statuses, runbooks, recorded readings. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM } from '../built.ts';
import { cli } from './cli-process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ID = 'ephemeral-port-exhaustion-per-destination';

/** The first case of the diagnosis with this verdict. */
function caseOf(kind: string): string {
  const cases = join(ROOT, 'runbooks', ID, 'cases');
  const name = readdirSync(cases).find((entry) => {
    const expected = JSON.parse(readFileSync(join(cases, entry, 'expected.json'), 'utf8')) as { kind: string };
    return expected.kind === kind;
  });
  return join(cases, name ?? '');
}

let site: string;
beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), 'site-'));
});
afterAll(() => rm(site, { recursive: true }));

describe('help and usage', () => {
  it('shows help with examples and exit statuses', async () => {
    const { status, stdout } = await cli(['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Exit status: 0 nothing found.*Examples:.*tcp-oncall check web-01/s);
  });

  it.each([
    [['chekc', 'web-01'], /no command "chekc"\. Did you mean check\?/],
    [['explain', 'close-wiat-leak'], /no diagnosis "close-wiat-leak"\. Did you mean close-wait-leak\?/],
    [['replay', '/nonexistent'], /\/nonexistent has no readings/],
  ])('%j is refused with status 2', async (args, said) => {
    const { status, stderr, stdout } = await cli(args);
    expect(stderr).toMatch(said);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it('names its own command where a fix is not known', async () => {
    const config = join(site, 'one-host.yaml');
    await writeFile(config, 'hosts: { web-01: { address: 127.0.0.9 } }\n');
    const { status, stderr } = await cli(['plan', 'WEB-01', 'nosuch', '--config', config]);
    expect(stderr).toContain('There is no fix "nosuch". tcp-oncall plan web-01 lists them.');
    expect(status).toBe(2);
  });

  it('makes the first key of an account that has no directory for it', async () => {
    const home = join(site, 'home');
    await mkdir(home);
    expect(await cli(['approver-key'], { env: { HOME: home } })).toMatchObject({ status: 0 });
    expect((await stat(join(home, '.config/tcp-oncall/approver.pem'))).mode & 0o777).toBe(0o600);
  });

  it('gives one JSON document for an error too, when asked for JSON', async () => {
    const { stdout, status } = await cli(['replay', '/nonexistent', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'tcp-oncall.error/1', error: 'usage' });
    expect(status).toBe(2);
  });
});

describe('explain', () => {
  it('shows a page in the language of the locale, without control characters when piped', async () => {
    const { stdout, status } = await cli(['explain', ID], { env: { LANG: 'ja_JP.UTF-8' } });
    expect(stdout).toMatch(/^意味$/m);
    expect(stdout).not.toContain('\u001b');
    expect(status).toBe(0);
  });

  it('lists every diagnosis', async () => {
    const { stdout } = await cli(['explain']);
    expect(stdout).toContain(`${ID}  `);
  });

  it('is quiet when the reader has seen enough', async () => {
    const command = `'${process.execPath}' ${PROGRAM} explain ${ID} | head -1`;
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', command], { cwd: ROOT });
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).toBe('');
  });
});

describe('replay', () => {
  it('says the verdict first and has status 1 when there are findings', async () => {
    const { stdout, status } = await cli(['replay', caseOf('found')]);
    expect(stdout.split('\n')[0]).toMatch(/: \d+ (?:critical|warning)/);
    expect(stdout).toContain(`tcp-oncall explain ${ID}`);
    expect(status).toBe(1);
  });

  it('has status 0 when nothing is found, and does not call the host fine when most is unknown', async () => {
    const { stdout, status } = await cli(['replay', caseOf('ruled-out')]);
    expect(stdout.split('\n')[0]).toMatch(/nothing found in what could be checked$/);
    expect(status).toBe(0);
  });

  it('has status 3 when nothing of what was recorded can be judged', async () => {
    const dir = join(site, 'garbage');
    await mkdir(join(dir, '1'), { recursive: true });
    await writeFile(join(dir, '1', 'sockets.txt'), '\u0000\u2028nothing that ss says\n');
    const { stdout, status } = await cli(['replay', dir]);
    expect(stdout).toMatch(/^garbage: could not be checked\n/);
    expect(status).toBe(3);
    expect((await cli(['replay', dir, '--lang', 'ja'])).stdout).toMatch(/^garbage: 調べられませんでした\n/);
  });

  it('gives a document that its schema accepts', async () => {
    const { stdout } = await cli(['replay', caseOf('found'), '--json', '--lang', 'ja']);
    const schema: object = JSON.parse(readFileSync(join(ROOT, 'docs/report.schema.json'), 'utf8'));
    const validate = new Ajv2020({ validateFormats: false, allowUnionTypes: true }).compile(schema);
    const report: unknown = JSON.parse(stdout);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report).toMatchObject({ language: 'ja', schema: 'tcp-oncall.report/1' });
  });
});

describe("a site's own texts", () => {
  async function withOverride(path: string, text: string): Promise<string> {
    const file = join(site, 'texts', path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text);
    const config = join(site, 'tcp-oncall.yaml');
    await writeFile(config, 'overrides: ./texts\nhosts: {}\n');
    return config;
  }

  it('win over ours, and a broken one is named in one sentence', async () => {
    const page = `runbooks/${ID}/README.md`;
    const ours = readFileSync(join(ROOT, page), 'utf8');
    const config = await withOverride(page, ours.replace('## Meaning', '## Meaning\nAsk the database team first.'));
    expect((await cli(['explain', ID, '--config', config])).stdout).toContain('Ask the database team first.');

    await withOverride(page, 'no front matter');
    const { stderr, status } = await cli(['explain', ID, '--config', config]);
    expect(stderr).toBe(`tcp-oncall: ${join(site, 'texts', page)}: no front matter between two lines of ---.\n`);
    expect(status).toBe(2);
  });
});

describe('completion in bash', () => {
  /** What bash would offer for the words typed so far, the last one under the cursor. */
  async function offered(...words: readonly string[]): Promise<readonly string[]> {
    const dir = join(site, 'completion');
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'hosts.yaml'), 'hosts: { web-01: {}, web-02: {}, db-01: {} }\n');
    await writeFile(join(dir, 'tcp-oncall'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`, {
      mode: 0o755,
    });
    const script = [
      'eval "$(tcp-oncall completion bash)"',
      'COMP_WORDS=(tcp-oncall "$@")',
      'COMP_CWORD=$#',
      '"$(complete -p tcp-oncall | sed "s/.*-F \\([^ ]*\\).*/\\1/")" tcp-oncall',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash.
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('\n');
    const env = { PATH: `${dir}:${process.env['PATH']}`, HOME: '/nonexistent', LANG: 'C.UTF-8' };
    const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', ...words], { cwd: dir, env });
    return stdout.split('\n').filter((line) => line !== '');
  }

  it.each<[readonly string[], readonly string[]]>([
    [['che'], ['check']],
    [
      ['--config', 'hosts.yaml', 'check', 'w'],
      ['web-01', 'web-02'],
    ],
    [
      ['check', '--config', 'hosts.yaml', '--all', ''],
      ['db-01', 'web-01', 'web-02'],
    ],
    [['check', '--config', 'hosts.yaml', 'web-01', ''], []],
    [['check', '--lang', '=', 'j'], ['ja']],
  ])('%j: %j', async (words, names) => expect(await offered(...words)).toEqual(names));
});
