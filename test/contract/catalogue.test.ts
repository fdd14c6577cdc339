/** Walks the catalogue: every diagnosis has its rule, its two pages and its cases, and they agree. */
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagnosisIds, loadDiagnosis, loadPage, loadTopic, pageIds } from '#catalogue.ts';
import type { Diagnosis } from '#diagnosis/diagnosis.ts';
import { judgeOne } from '#diagnosis/engine.ts';
import { LANGUAGES } from '#domain/language.ts';
import type { Topic } from '#render/page.ts';
import { wordFinding, wordRuledOut } from '#render/wording.ts';
import { caseNames, type Expected, evidenceOf, expectedOf, garbledIn, rounded, verdictLike } from './cases.ts';
import { DIAGNOSES, HEADINGS } from './diagnoses.ts';
import { partsOf } from './pages.ts';

const REPOSITORY = new URL('../../', import.meta.url);
const references = readFileSync(new URL('docs/references.txt', REPOSITORY), 'utf8').split('\n');

it('has exactly the diagnoses it promises', async () => {
  expect(await diagnosisIds()).toEqual(DIAGNOSES.toSorted());
});

describe.each(await pageIds())('%s', (id) => {
  describe.each(LANGUAGES)('page in %s', (language) => {
    let page: Topic;
    beforeAll(async () => {
      page = expectDefined(await loadTopic(id, language, null));
    });

    it('has the agreed headings in the agreed order', () => {
      const { h1, h2 } = partsOf(page.body);
      expect(h1).toEqual([page.wording.title]);
      expect(h2).toEqual(HEADINGS[language]);
    });

    it('has Markdown that takes', () => expect(partsOf(page.body).unparsed).toEqual([]));

    it('has links that lead somewhere', () => {
      const file = new URL(`runbooks/${id}/page`, REPOSITORY);
      const dead = partsOf(page.body).links.filter((href) =>
        /^https?:/.test(href) ? !references.includes(href) : !existsSync(new URL(href, file)),
      );
      expect(dead).toEqual([]);
    });
  });

  it('has the same commands in each language', async () => {
    const pages = await Promise.all(LANGUAGES.map((language) => loadTopic(id, language, null)));
    const [first, ...others] = pages.map((page) => partsOf(expectDefined(page).body).code);
    for (const other of others) expect(other).toEqual(first);
  });
});

it('has no page of what is no name', async () => {
  for (const id of ['../docs', 'kernel/..', 'nothing', '']) expect(await loadTopic(id, 'en', null)).toBeUndefined();
});

describe.each(await diagnosisIds())('%s', (id) => {
  let diagnosis: Diagnosis;
  beforeAll(async () => {
    diagnosis = await loadDiagnosis(id);
  });

  it('is called like its folder and explains diagnoses that exist', () => {
    expect(diagnosis.id).toBe(id);
    expect(diagnosis.explains.filter((effect) => !DIAGNOSES.some((known) => known === effect))).toEqual([]);
  });

  it('has a case for found, one for ruled out and one for unknown', () => {
    const kinds = caseNames(id).map((name) => expectedOf(id, name).kind);
    expect(kinds).toEqual(expect.arrayContaining(['found', 'ruled-out', 'unknown']));
  });

  describe.each(caseNames(id))('case %s', (name) => {
    it('gets the verdict it expects', async () => {
      const expected = expectedOf(id, name);
      const evidence = await evidenceOf(id, name);
      if (!mayBeGarbled(expected)) expect(garbledIn(evidence)).toEqual([]);
      expect(rounded(verdictLike(expected, diagnosis, evidence))).toEqual(rounded(expected));
    });

    it.each(LANGUAGES)('is worded in %s without a gap', async (language) => {
      const verdict = judgeOne(diagnosis, await evidenceOf(id, name));
      if (verdict.kind === 'unknown') return;
      const { wording } = await loadPage(id, language, null);
      const sentences =
        verdict.kind === 'ruled-out'
          ? [wordRuledOut(wording, verdict.facts, language)]
          : Object.values(wordFinding(wording, verdict.facts, language)).flat();
      for (const sentence of sentences) {
        expect(sentence).not.toMatch(/[{}]|\b(?:undefined|null|NaN|Infinity|true|false)\b|\[object|^\s*$/);
      }
    });
  });
});

function mayBeGarbled(expected: Expected): boolean {
  return expected.kind === 'unknown' && expected.reason === 'unexpected-line';
}

function expectDefined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('There is none.');
  return value;
}
