/**
 * Measures how the time of all that a host's bytes go through grows with their number, and prints what grows faster than
 * linearly, by name. A process of its own: the time of a thread among others cannot be told from theirs.
 */
import { loadDiagnoses, loadFixes, loadWordings, loadWords } from '#catalogue.ts';
import { judge, judgeOne } from '#diagnosis/engine.ts';
import type { Report } from '#domain/report.ts';
import { SOURCES } from '#evidence/sources.ts';
import { planFix } from '#fixes/plan-fix.ts';
import { readCollector } from '#host/collector-stream.ts';
import { wordReport } from '#render/document.ts';
import { wrap } from '#render/wrap.ts';
import { evidenceOf, type Likeness } from './evidence.ts';
import { milliseconds, suspiciousGrowth } from './growth.ts';
import { shapesOf } from './sections.ts';

/** The shorter one first: what is cubed would not come back from the longer. */
const LENGTHS = [512, 32_768] as const;
/** Longer than a parser takes for the longest when it looks at each character a few times; squared would be seconds. */
const UNSUSPICIOUS_MS = 12;
const ROWS = 1000;

const faults: Record<string, string> = {};

function note(name: string, how: string, growth: number | undefined): void {
  if (growth !== undefined) faults[name] ??= `${how}: ${growth.toFixed(1)} times as long for four times as much`;
}

function measureParsers(): void {
  for (const { name, parse } of SOURCES)
    for (const { name: shape, text } of shapesOf(name)) {
      if (name in faults) break;
      // Once is enough to be cleared: what is squared is slow each time.
      const slow = LENGTHS.find((length) => milliseconds(() => parse(text(length))) > UNSUSPICIOUS_MS);
      if (slow !== undefined) note(name, shape, suspiciousGrowth(text, parse, slow / 4));
    }
}

function measureStream(): void {
  const sources = SOURCES.map(({ name }) => name);
  const read = (parts: readonly string[]) => {
    const stream = readCollector({ boundary: 'B', sources }, () => {});
    for (const part of parts) stream.push(part);
    return stream.end();
  };
  const many = (n: number, make: (i: number) => string) => Array.from({ length: n }, (_, i) => make(i));
  const shapes = {
    'a line in pieces': (n: number) => many(n, () => 'aaaaaaaa'),
    'a line in pieces, in a section': (n: number) => ['B begin 1 host\n', ...many(n, () => 'aaaaaaaa')],
    'sections of other names': (n: number) => many(n, (i) => `B begin 1 s${i}\nB end 1 s${i} 0\n`),
    'one section again and again': (n: number) => many(n, () => 'B begin 1 host\nx\nB end 1 host 0\n'),
  };
  for (const [shape, make] of Object.entries(shapes))
    note('collector-stream', shape, suspiciousGrowth(make, read, 8192));
}

async function measureRules(likeness: Likeness): Promise<void> {
  const [diagnoses, fixes] = await Promise.all([loadDiagnoses(), loadFixes()]);
  const [words, pages] = await Promise.all([loadWords('en', null), loadWordings('en', null)]);
  const made = new Map([ROWS, 4 * ROWS].map((n) => [n, evidenceOf(n, likeness)]));
  const evidence = (n: number) => made.get(n) ?? evidenceOf(n, likeness);
  for (const diagnosis of diagnoses)
    note(
      diagnosis.id,
      likeness,
      suspiciousGrowth(evidence, (given) => judgeOne(diagnosis, given), ROWS),
    );
  for (const fix of fixes)
    note(
      fix.id,
      likeness,
      suspiciousGrowth(evidence, (given) => planFix(fix, 'web-01', given), ROWS),
    );
  const report = (n: number): Report => ({
    ...{
      host: 'web-01',
      hostKey: null,
      startedAt: new Date(0),
      interval: 5,
      samples: 2,
      kernel: null,
      distribution: null,
    },
    ...{ verdicts: judge(diagnoses, evidence(n)), unreadable: [], interruption: null, drift: null },
  });
  const word = (given: Report) => wordReport(given, { language: 'en', words, pages });
  note('words', likeness, suspiciousGrowth(report, word, ROWS));
}

function measureWrap(): void {
  const texts = { blanks: 'a ', letters: 'a', wide: '漢', mixed: 'a漢 1 ms ' };
  for (const [name, text] of Object.entries(texts))
    note(
      'wrap',
      name,
      suspiciousGrowth(
        (n) => text.repeat(n),
        (given) => wrap(given, 80),
        500,
      ),
    );
}

measureParsers();
measureStream();
for (const likeness of ['alike', 'different'] as const) await measureRules(likeness);
measureWrap();
console.log(JSON.stringify(faults));
