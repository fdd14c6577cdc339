/** `FUZZ=1000000 npm test -- contract test/contract/fuzz.test.ts` tries as many sections; without it a few of the same, and a few new ones. */
import { describe, expect, it } from 'vitest';
import { loadDiagnoses, loadFixes, loadWordings, loadWords } from '#catalogue.ts';
import { judge } from '#diagnosis/engine.ts';
import type { RawSample } from '#domain/evidence.ts';
import { parseSample, SOURCES } from '#evidence/sources.ts';
import { planFixes } from '#fixes/plan-fix.ts';
import { wordReport } from '#render/document.ts';
import { type Chance, chanceOf, mutate } from '../hostile/mutate.ts';
import { recorded } from '../hostile/sections.ts';

const WANTED = Number(process.env['FUZZ'] ?? 14_000);
/** Each tenth of them goes the whole way to a report and plans, which takes as long as a hundred parsers. */
const REPORTS = Math.max(60, Math.round(WANTED / 500));
const SEEDS = [1, Date.now() % 2 ** 32] as const;
/** The longest of these sections takes a parser a hundredth; the machine may be doing something else meanwhile. */
const LONGEST_MS = 3000;

const texts = new Map(SOURCES.map(({ name }) => [name, recorded(name)]));
const names = [...texts.keys()];
const [diagnoses, fixes] = await Promise.all([loadDiagnoses(), loadFixes()]);
const [words, pages] = await Promise.all([loadWords('ja', null), loadWordings('ja', null)]);

describe.each(SEEDS)('with the seed %i', (seed) => {
  it.each(SOURCES)(
    '$name reads, or says why it cannot',
    ({ name, parse }) => {
      const chance = chanceOf(seed);
      for (let left = WANTED / SOURCES.length / SEEDS.length; left > 0; left--) {
        const text = mutated(name, chance);
        const began = performance.now();
        const reading = said(text, () => parse(text));
        if (!KINDS.includes(reading.kind)) throw new Error(`${reading.kind} of ${JSON.stringify(text)}`);
        if (performance.now() - began > LONGEST_MS) throw new Error(`too slow: ${JSON.stringify(text)}`);
      }
    },
    3_600_000,
  );

  it('makes a report and plans of whatever was read, and puts it into words', () => {
    const chance = chanceOf(seed);
    for (let left = REPORTS / SEEDS.length; left > 0; left--) {
      const raw = [rawSample(chance), rawSample(chance)] as const;
      said(JSON.stringify(raw), () => reportOf(raw));
    }
  }, 3_600_000);
});

const KINDS: readonly string[] = ['read', 'absent', 'unreadable', 'garbled'];

/** What went wrong names the text it went wrong with. */
function said<T>(text: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`thrown by ${text}`, { cause });
  }
}

function mutated(name: string, chance: Chance): string {
  return mutate(texts.get(name) ?? '', texts.get(names[chance(names.length)] ?? '') ?? '', chance);
}

/** Numbers alone are changed most of the time: what is garbled is not judged. */
function rawSample(chance: Chance): RawSample {
  const sections = names.filter(() => chance(20) > 0).map((name) => [name, sectionOf(name, chance)] as const);
  return { readings: Object.fromEntries(sections.map(([name, text]) => [name, { kind: 'text', text }])) };
}

function sectionOf(name: string, chance: Chance): string {
  if (chance(6) === 0) return mutated(name, chance);
  return (texts.get(name) ?? '').replaceAll(/\d+/g, (number) => (chance(4) > 0 ? number : absurd(chance)));
}

function absurd(chance: Chance): string {
  return ['0', '1', '-1', '7', '65535', '65536', '2147483647', '9'.repeat(19)][chance(8)] ?? '';
}

function reportOf(raw: readonly [RawSample, RawSample]): void {
  const samples = [parseSample(raw[0]), parseSample(raw[1])] as const;
  const about = { host: 'web-01', startedAt: new Date(0), interval: 5, samples: 2, kernel: null } as const;
  const verdicts = judge(diagnoses, { samples });
  const rest = { hostKey: null, distribution: null, unreadable: [], interruption: null, drift: null };
  const document = wordReport({ ...about, ...rest, verdicts }, { language: 'ja', words, pages });
  expect(document.verdicts).toHaveLength(diagnoses.length);
  expect(planFixes(fixes, 'web-01', { samples })).toHaveLength(fixes.length);
}
