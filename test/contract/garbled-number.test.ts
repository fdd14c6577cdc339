/** A number that no kernel prints, anywhere in what a finding was made of, does not make it ruled out. */
import { describe, expect, it } from 'vitest';
import { parseSamples, type RawSamples } from '#app/judge-samples.ts';
import { loadDiagnoses } from '#catalogue.ts';
import { judgeOne } from '#diagnosis/engine.ts';
import type { Evidence, Sample } from '#domain/evidence.ts';
import { parseSample, SOURCES } from '#evidence/sources.ts';
import { caseNames, expectedOf, rawSamplesOf } from './cases.ts';

/** Some sysctls may be -1, and a file may set one to anything. */
const PUTS = ['NaN', '9'.repeat(20), '-1'] as const;
const FREE_TEXT = 'persisted-sysctls';
/** One number in seven: columns and lines are met all the same, over the cases of a diagnosis. */
const STEP = 7;

describe.each(await loadDiagnoses())('$id', (diagnosis) => {
  const found = caseNames(diagnosis.id).filter((name) => expectedOf(diagnosis.id, name).kind === 'found');

  it.each(found)('%s', async (name) => {
    const healthy = garblings(await rawSamplesOf(diagnosis.id, name))
      .filter(({ evidence }) => judgeOne(diagnosis, evidence).kind === 'ruled-out')
      .map(({ what }) => what);
    expect(healthy).toEqual([]);
  });
});

interface Garbling {
  readonly what: string;
  readonly evidence: Evidence;
}

function garblings(raw: RawSamples): readonly Garbling[] {
  const evidence = parseSamples(raw, SOURCES);
  return raw.flatMap(({ readings }, index) =>
    Object.entries(readings).flatMap(([source, reading]) =>
      reading.kind !== 'text' || source === FREE_TEXT
        ? []
        : garbledTexts(source, reading.text).map(({ what, text }) => ({
            what: `${index + 1}/${source}: ${what}`,
            evidence: withText(evidence, index, source, text),
          })),
    ),
  );
}

function garbledTexts(source: string, text: string) {
  const puts = source === 'sysctls' ? PUTS.slice(0, 2) : PUTS;
  const numbers = [...text.matchAll(/\b\d+\b/g)].filter((_, n) => n % STEP === 0);
  return numbers.map(({ 0: number, index }, n) => {
    const put = puts[n % puts.length];
    return { what: `${put} for ${number}`, text: text.slice(0, index) + put + text.slice(index + number.length) };
  });
}

function withText({ samples: [first, second] }: Evidence, index: number, source: string, text: string): Evidence {
  const { readings } = parseSample({ readings: { [source]: { kind: 'text', text } } });
  const changed = (sample: Sample): Sample => ({ readings: { ...sample.readings, ...readings } });
  if (second === undefined) return { samples: [changed(first)] };
  return { samples: index === 0 ? [changed(first), second] : [first, changed(second)] };
}
