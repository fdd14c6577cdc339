/** Walks the fixes over every recorded host: what they plan stays within bounds, and can be said in both languages. */
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagnosisIds, fixIds, loadFixes, loadFixLimits, loadFixWords } from '#catalogue.ts';
import { ALLOWED } from '#domain/allowed-sysctls.ts';
import type { Evidence } from '#domain/evidence.ts';
import { LANGUAGES, type Language } from '#domain/language.ts';
import { isAllowed } from '#domain/out-of-bounds.ts';
import type { Proposal } from '#domain/plan.ts';
import { measureFix, planFix } from '#fixes/plan-fix.ts';
import { narrowPlan } from '#kinds/sysctl/narrow.ts';
import { riskOf } from '#kinds/sysctl/risk.ts';
import { type FixWords, fillFix } from '#render/fix-words.ts';
import { caseNames, evidenceOf } from './cases.ts';

const fixes = await loadFixes();
const limits = await loadFixLimits();
const diagnoses = await diagnosisIds();
const words = new Map<Language, ReadonlyMap<string, FixWords>>();
const recorded = new Map<string, Evidence>();

beforeAll(async () => {
  for (const language of LANGUAGES) words.set(language, await loadFixWords(language, null));
  for (const id of diagnoses)
    for (const name of caseNames(id)) recorded.set(`${id}/${name}`, await evidenceOf(id, name));
});

function wordsOf(id: string, language: Language): FixWords {
  const found = words.get(language)?.get(id);
  if (found === undefined) throw new Error(`src/fixes/${id} has no words.${language}.yaml.`);
  return found;
}

it('folder and id are the same', async () => {
  expect(fixes.map(({ id }) => id)).toEqual(await fixIds());
});

describe.each(fixes.map((fix) => [fix.id, fix] as const))('%s', (id, fix) => {
  let everywhere: readonly { readonly name: string; readonly evidence: Evidence; readonly proposal: Proposal }[];
  beforeAll(() => {
    everywhere = [...recorded].map(([name, evidence]) => {
      return { name, evidence, proposal: planFix(fix, 'web-01', evidence) };
    });
  });

  it('writes what a change may write', () => {
    expect(fix.writes.filter((key) => !ALLOWED.has(key))).toEqual([]);
    expect(fix.writes.length).toBeGreaterThan(0);
  });

  it('cures diagnoses that exist', () => {
    expect(fix.cures.filter((cure) => !diagnoses.includes(cure))).toEqual([]);
  });

  it('has the same words in both languages', () => {
    const [english, japanese] = [wordsOf(id, 'en'), wordsOf(id, 'ja')];
    expect(Object.keys(japanese.refusals)).toEqual(Object.keys(english.refusals));
    expect(Object.keys(japanese.numbers)).toEqual(Object.keys(english.numbers));
    expect(japanese.also).toHaveLength(english.also.length);
  });

  it('stays within the bounds of what a change may write, on every recorded host', () => {
    for (const { name, proposal } of everywhere) {
      if (proposal.kind !== 'plan') continue;
      const { steps } = proposal.plan;
      expect([name, steps.filter(({ key, from, to }) => !isAllowed(key, from, to))]).toEqual([name, []]);
      expect(steps.length).toBeGreaterThan(0);
      expect([name, riskOf(proposal.plan, limits)]).toEqual([name, proposal.plan.risk]);
      expect([
        name,
        narrowPlan(
          proposal.plan,
          steps.map(({ key }) => key),
        ),
      ]).toEqual([name, proposal.plan]);
    }
  });

  it('can say what it does, and why not, on every recorded host', () => {
    const said = everywhere.flatMap(({ name, proposal }) =>
      LANGUAGES.flatMap((language) =>
        sentences(proposal, wordsOf(id, language), language).map((text) => ({ name, text })),
      ),
    );
    expect(said.filter(({ text }) => /null|undefined|NaN|\n/.test(text))).toEqual([]);
    expect(everywhere.some(({ proposal }) => proposal.kind !== 'unknown')).toBe(true);
  });

  it('measures the numbers of its goals, and has a word for each', () => {
    for (const { name, evidence, proposal } of everywhere) {
      if (proposal.kind !== 'plan') continue;
      const { goals, before, facts } = proposal.plan;
      expect(measureFix(fix, facts, evidence)).toEqual(before);
      const known = Object.keys(wordsOf(id, 'en').numbers);
      expect([name, Object.keys(before).filter((number) => !known.includes(number))]).toEqual([name, []]);
      expect([name, goals.filter(({ number }) => !(number in before))]).toEqual([name, []]);
    }
  });
});

function sentences(proposal: Proposal, { effect, limits, also, refusals }: FixWords, language: Language) {
  if (proposal.kind === 'unknown') return [];
  if (proposal.kind === 'refused' && proposal.why === 'out-of-bounds') return [];
  if (proposal.kind === 'plan')
    return [effect, limits, ...also].map((text) => fillFix(text, proposal.plan.facts, language));
  const refusal = refusals[proposal.why];
  if (refusal === undefined) throw new Error(`No sentence for the refusal ${proposal.why}.`);
  return [fillFix(refusal, proposal.facts, language)];
}

it('every fix is planned for some recording, or has a test of its own', () => {
  const evidence = [...recorded.values()];
  const unplanned = fixes.filter((fix) => !evidence.some((each) => planFix(fix, 'web-01', each).kind === 'plan'));
  const untested = unplanned.filter(
    ({ id }) => !existsSync(new URL(`../../src/fixes/${id}/fix.test.ts`, import.meta.url)),
  );
  expect(untested.map(({ id }) => id)).toEqual([]);
});
