/** docs/application-side.md and its Japanese twin: the same lines, every program where it is promised, live anchors. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixIds } from '#catalogue.ts';
import { DIAGNOSES } from './diagnoses.ts';
import { partsOf } from './pages.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

const ALL = ['nginx', 'HAProxy', 'Envoy', 'Apache httpd', 'Tomcat', 'Node.js', 'Go', 'Python', 'Java'];
/** Tomcat opens connections through its JDBC drivers only. */
const CLIENTS = ALL.filter((program) => program !== 'Tomcat');

/** The sections, in their order, and the programs each has lines for. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  pool: ALL,
  backlog: ALL,
  workers: ALL,
  keepalive: ALL,
  'connect-timeout': CLIENTS,
  'source-address': CLIENTS,
  close: ['HAProxy', 'Tomcat', 'Node.js', 'Go', 'Python', 'Java'],
  linger: ['nginx', 'HAProxy', 'Tomcat', 'Node.js', 'Go', 'Python', 'Java'],
  reuseaddr: ['nginx', 'HAProxy', 'Apache httpd', 'Node.js', 'Go', 'Python', 'Java'],
};

const PAGES = { 'application-side.md': 'README.md', 'application-side.ja.md': 'README.ja.md' } as const;
const english = read('docs/application-side.md');
const japanese = read('docs/application-side.ja.md');

const SECTION = /^<a id="([a-z-]+)"><\/a>$/m;
const CODE = /^```[\s\S]*?^```$/gm;

const anchorsOf = (page: string) => [...page.matchAll(/<a id="([a-z0-9-]+)"><\/a>/g)].map(([, id = '']) => id);
const levelsOf = (page: string) => [...page.replaceAll(CODE, '').matchAll(/^#+(?= )/gm)].map(([marks]) => marks.length);
const inlineCodeOf = (section: string) =>
  [...section.replaceAll(CODE, '').matchAll(/`[^`]+`/g)].map(([code]) => code.replaceAll(/\s+/g, ' ')).sort();

/** The text of each section, by its anchor. */
function sectionsOf(page: string): ReadonlyMap<string, string> {
  const [, ...rest] = page.split(SECTION);
  return new Map(rest.flatMap((id, index) => (index % 2 === 0 ? [[id, rest[index + 1] ?? '']] : [])));
}

/** Programs that have a heading or a row of a table of their own; a heading that is no program fails the comparison. */
function programsOf(section: string): readonly string[] {
  const headings = [...section.matchAll(/^### (.*)$/gm)].map(([, title = '']) => title);
  const rows = [...section.matchAll(/^\| ([^|]*) \|/gm)]
    .map(([, cell = '']) => cell)
    .filter((cell) => ALL.includes(cell));
  return [...new Set([...rows, ...headings])].toSorted((a, b) => ALL.indexOf(a) - ALL.indexOf(b));
}

it('says the same in both languages: headings, code to copy, and every name in the text', () => {
  expect(levelsOf(japanese)).toEqual(levelsOf(english));
  expect(partsOf(japanese).code).toEqual(partsOf(english).code);
  const [ours, theirs] = [sectionsOf(english), sectionsOf(japanese)];
  expect([...theirs.keys()]).toEqual([...ours.keys()]);
  for (const [id, section] of ours)
    expect([id, inlineCodeOf(theirs.get(id) ?? '')]).toEqual([id, inlineCodeOf(section)]);
});

describe.each(Object.entries(PAGES))('%s', (name, runbook) => {
  const page = read(`docs/${name}`);

  it('has lines for every program in each section that promises it', () => {
    const sections = sectionsOf(page);
    expect(Object.fromEntries([...sections].map(([id, section]) => [id, programsOf(section)]))).toEqual(SECTIONS);
    for (const { text } of partsOf(page).code) expect(text.trim()).not.toBe('');
  });

  it('has an anchor for every diagnosis and section, each once', () => {
    expect(anchorsOf(page).toSorted()).toEqual([...DIAGNOSES, ...Object.keys(SECTIONS)].toSorted());
  });

  it('has Markdown that takes, and links that lead somewhere in the same language', () => {
    const { links, unparsed } = partsOf(page);
    expect(unparsed).toEqual([]);
    const inside = links.filter((href) => href.startsWith('#'));
    expect(inside.filter((href) => !anchorsOf(page).includes(href.slice(1)))).toEqual([]);
    const pages = links.filter((href) => href.startsWith('..'));
    expect(pages.length).toBeGreaterThan(20);
    const dead = pages.filter((href) => !href.endsWith(`/${runbook}`) || !existsSync(new URL(`docs/${href}`, ROOT)));
    expect(dead).toEqual([]);
  });
});

/** Every text that a person may be shown: the words of the fixes, the templates, and the other pages. */
async function texts(): Promise<readonly string[]> {
  const words = (await fixIds()).flatMap((id) =>
    ['en', 'ja'].map((language) => `src/fixes/${id}/words.${language}.yaml`),
  );
  const runbooks = DIAGNOSES.flatMap((id) => ['README.md', 'README.ja.md'].map((page) => `runbooks/${id}/${page}`));
  const inside = (folder: string) => readdirSync(new URL(folder, ROOT)).map((file) => `${folder}${file}`);
  const pages = inside('docs/').filter((file) => file.endsWith('.md'));
  return ['README.md', ...inside('templates/'), ...pages, ...words, ...runbooks];
}

it('is named where the words of the fixes send people, in their language and with an anchor that exists', async () => {
  const found = (await texts()).flatMap((file) =>
    [...read(file).matchAll(/application-side(\.ja)?\.md(?:#([a-z0-9-]+))?/g)].map(([named, ja, anchor]) => {
      const japaneseText = /\.ja\./.test(file);
      const alive = anchor === undefined || anchorsOf(ja ? japanese : english).includes(anchor);
      return { file, named, right: alive && (ja !== undefined) === japaneseText };
    }),
  );
  expect(found.filter(({ right }) => !right)).toEqual([]);
  expect(found.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['templates/change.en.yaml', 'templates/change.ja.yaml']),
  );
});
