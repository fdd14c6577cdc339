/** Reads the catalogue from disk: the rules, the pages and the templates, a site's own ones before ours. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import type { Kinds } from '#change/kind.ts';
import { AREAS, type Diagnosis } from '#diagnosis/diagnosis.ts';
import type { Language } from '#domain/language.ts';
import type { FixLimits } from '#domain/plan.ts';
import type { Fix } from '#fixes/fix.ts';
import { installed } from '#installed.ts';
import { kernelCard } from '#kinds/kernel/card.ts';
import { KERNEL, KERNEL_KIND } from '#kinds/kernel/kind.ts';
import { parseKernelWords } from '#kinds/kernel/words.ts';
import { sysctlCard } from '#kinds/sysctl/card.ts';
import { SYSCTL, sysctlKind } from '#kinds/sysctl/kind.ts';
import { brokenText } from '#render/broken-text.ts';
import { parseCliWords } from '#render/cli-words.ts';
import type { PageWording } from '#render/document.ts';
import { type FixWords, parseFixWords } from '#render/fix-words.ts';
import { type KindCards, parseKindWords } from '#render/kind-card.ts';
import { type Page, parsePage, parseTopic, type Topic } from '#render/page.ts';
import { parseChangeWords } from '#render/slack/change-words.ts';
import { parseSlackWords } from '#render/slack/slack-words.ts';
import type { Template } from '#render/terminal.ts';
import { parseWords } from '#render/words.ts';

const PAGES = { en: 'README.md', ja: 'README.ja.md' } as const;

/** Ids of all diagnoses, in alphabetical order. */
export async function diagnosisIds(): Promise<readonly string[]> {
  const folders = await readdir(installed('runbooks'), { withFileTypes: true });
  return folders
    .filter((entry) => entry.isDirectory() && moduleIn(`runbooks/${entry.name}/rule`) !== undefined)
    .map(({ name }) => name)
    .toSorted();
}

/** Of everything that has a page: the diagnoses, and what is not one. */
export async function pageIds(): Promise<readonly string[]> {
  const folders = await readdir(installed('runbooks'));
  return folders.filter((name) => existsSync(installed(`runbooks/${name}/${PAGES.en}`))).toSorted();
}

/** All rules, by theme. */
export async function loadDiagnoses(): Promise<readonly Diagnosis[]> {
  const diagnoses = await Promise.all((await diagnosisIds()).map(loadDiagnosis));
  return diagnoses.toSorted((a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area));
}

export async function loadDiagnosis(id: string): Promise<Diagnosis> {
  const { diagnosis } = (await import(moduleIn(`runbooks/${id}/rule`) ?? installed(`runbooks/${id}/rule.js`))) as {
    diagnosis: Diagnosis;
  };
  return diagnosis;
}

/** A checkout has the source, dist/ what was built of it. */
function moduleIn(name: string): string | undefined {
  return ['ts', 'js'].map((ending) => installed(`${name}.${ending}`)).find((path) => existsSync(path));
}

/** `overrides` is the site's directory; null = none. */
export function loadPage(id: string, language: Language, overrides: string | null): Promise<Page> {
  return loadText(`runbooks/${id}/${PAGES[language]}`, overrides, parsePage);
}

/** Undefined when there is no such page. `id`: whatever a person typed. */
export async function loadTopic(id: string, language: Language, overrides: string | null): Promise<Topic | undefined> {
  if (!(await pageIds()).includes(id)) return undefined;
  return loadText(`runbooks/${id}/${PAGES[language]}`, overrides, parseTopic);
}

/** Every diagnosis's wording, and where the page is. */
export async function loadWordings(
  language: Language,
  overrides: string | null,
): Promise<ReadonlyMap<string, PageWording>> {
  const entries = (await diagnosisIds()).map(async (id) => {
    const { wording, file } = await loadPage(id, language, overrides);
    return [id, { wording, file, address: `runbooks/${id}/${PAGES[language]}` }] as const;
  });
  return new Map(await Promise.all(entries));
}

/** Ids of all fixes, in alphabetical order. */
export async function fixIds(): Promise<readonly string[]> {
  const folders = await readdir(installed('src/fixes'), { withFileTypes: true });
  return folders
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

export async function loadFixes(): Promise<readonly Fix[]> {
  return Promise.all((await fixIds()).map(loadFix));
}

/** By id. */
export async function loadFixLimits(): Promise<ReadonlyMap<string, FixLimits>> {
  return new Map((await loadFixes()).map(({ id, risk, writes }) => [id, { risk, writes }]));
}

async function loadFix(id: string): Promise<Fix> {
  const { fix } = (await import(moduleIn(`src/fixes/${id}/fix`) ?? installed(`src/fixes/${id}/fix.js`))) as {
    fix: Fix;
  };
  return fix;
}

/** The kinds of changes that a process knows. */
export interface KindLoader {
  readonly kinds: () => Promise<Kinds>;
  readonly cards: (language: Language, overrides: string | null) => Promise<KindCards>;
}

/** Every kind of change there is, by its name. */
export async function loadKinds(): Promise<Kinds> {
  const kinds = [sysctlKind(await loadFixLimits()), KERNEL_KIND];
  return new Map(kinds.map((kind) => [kind.name, kind]));
}

export async function loadKindCards(language: Language, overrides: string | null): Promise<KindCards> {
  const [kind, change, fixes, kernel, words] = await Promise.all([
    loadText(`src/kinds/sysctl/words.${language}.yaml`, overrides, parseKindWords),
    loadChangeWords(language, overrides),
    loadFixWords(language, overrides),
    loadText(`src/kinds/kernel/words.${language}.yaml`, overrides, parseKernelWords),
    loadWords(language, overrides),
  ]);
  return new Map([
    [SYSCTL, sysctlCard({ kind, change, fixes, language })],
    [KERNEL, kernelCard({ kind: kernel, reasons: words.reasons, language })],
  ]);
}

export const loadFixWords = readOnce(async (language, overrides): Promise<ReadonlyMap<string, FixWords>> => {
  const entries = (await fixIds()).map(async (id) => {
    const words = await loadText(`src/fixes/${id}/words.${language}.yaml`, overrides, parseFixWords);
    return [id, words] as const;
  });
  return new Map(await Promise.all(entries));
});

export const loadWords = wordsLoader('words', parseWords);
export const loadCliWords = wordsLoader('cli', parseCliWords);
export const loadSlackWords = wordsLoader('slack', parseSlackWords);
export const loadChangeWords = wordsLoader('change', parseChangeWords);

function wordsLoader<T>(name: string, parse: Parse<T>): Load<T> {
  return readOnce((language, overrides) => loadText(`templates/${name}.${language}.yaml`, overrides, parse));
}

type Load<T> = (language: Language, overrides: string | null) => Promise<T>;

/** Several parts of one command ask for the same words, and parsing them takes tens of milliseconds. */
function readOnce<T>(load: Load<T>): Load<T> {
  const read = new Map<string, Promise<T>>();
  return (language, overrides) => {
    const place = `${language} ${overrides}`;
    const words = read.get(place) ?? load(language, overrides);
    read.set(place, words);
    return words;
  };
}

/** A frame, such as `terminal.en.hbs`. */
export function loadTemplate(name: string, overrides: string | null): Promise<Template> {
  return loadText(`templates/${name}`, overrides, (text, file) => ({ text, file }));
}

type Parse<T> = (text: string, path: string) => T;

async function loadText<T>(name: string, overrides: string | null, parse: Parse<T>): Promise<T> {
  const own = overrides === null ? undefined : `${overrides.replace(/\/$/, '')}/${name}`;
  const path = own !== undefined && existsSync(own) ? own : installed(name);
  try {
    return parse(await readFile(path, 'utf8'), path);
  } catch (cause) {
    throw brokenText(path, cause);
  }
}
