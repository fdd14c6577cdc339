/** What `npm pack` makes: it has every file that its pages and messages name, and runs where it is unpacked. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anyHostScript } from '#app/set-up-host.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
/** A link of Markdown into the archive, without its heading. */
const LINK = /\]\((?![a-z]+:|#)([^)#\s]+)/g;
/** A file that a sentence names from the archive's root. */
const NAMED =
  /(?<![\w./-])(?:(?:docs|packaging)\/[\w-][\w./-]*\.(?:md|json|service|ya?ml)|ansible\/[\w/]+|slack-manifest\.yaml)/g;

let dir: string;
let root: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'package-'));
  root = join(dir, 'package');
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', dir];
  const name = execFileSync('npm', pack, { cwd: CHECKOUT, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', join(dir, name), '-C', dir]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Every file of the archive with such a name, from its root. */
function files(name: RegExp): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => name.test(path));
}

/** `file: path` of what is named and not there. */
function missing(among: readonly string[], named: RegExp, from: (file: string) => string): readonly string[] {
  return among.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(named)]
      .map(([whole, path = whole]) => path)
      .filter((path) => !existsSync(join(root, from(file), path)))
      .map((path) => `${file}: ${path}`),
  );
}

it('has what its pages link to', () => {
  // Those in test/ are about a checkout, and say so.
  const pages = files(/^(?!dist\/|test\/).*\.md$/);
  expect(pages).toEqual(
    expect.arrayContaining(['README.md', 'docs/slack.md', 'runbooks/close-wait-leak/README.ja.md']),
  );
  expect(missing(pages, LINK, dirname)).toEqual([]);
});

it('has the files that its pages, its messages and its help name', () => {
  const saying = files(/^(?!docs\/decisions).*\.(?:md|ya?ml|hbs|service)$|^dist\/src\/.*\.js$/);
  expect(missing(saying, NAMED, () => '')).toEqual([]);
  expect(readFileSync(join(root, 'docs/operating.md'), 'utf8')).toMatch(NAMED);
});

it('runs from where it is unpacked, with nothing beside it', () => {
  const tcpOncall = (...words: readonly string[]) =>
    execFileSync(process.execPath, [join(root, 'dist/src/main.js'), ...words], {
      cwd: dir,
      env: { PATH: process.env['PATH'], HOME: dir, LANG: 'C.UTF-8' },
      encoding: 'utf8',
    });
  expect(tcpOncall('explain', 'close-wait-leak')).toContain('CLOSE_WAIT');
  expect(tcpOncall('host-setup', '--script')).toBe(anyHostScript(false, null));
});
