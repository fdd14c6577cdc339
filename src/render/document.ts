/** A report put into words: the JSON document other programs read, and what the terminal shows. Schema in docs/report.schema.json. */
import { z } from 'zod';
import { LANGUAGES, type Language } from '#domain/language.ts';
import type { Report, Unread } from '#domain/report.ts';
import type { Verdict } from '#domain/verdict.ts';
import { aboutFile, BrokenTextError } from './broken-text.ts';
import { neutralise } from './neutral.ts';
import type { FrontMatter } from './page.ts';
import { wordFinding, wordRuledOut } from './wording.ts';
import { fill, type Words, wordFailure } from './words.ts';

const scalar = z.strictObject({
  value: z.union([z.number(), z.string(), z.boolean(), z.null()]),
  unit: z.string(),
  from: z
    .string()
    .describe('The reading, such as sockets or sysctl:net.core.somaxconn, or the formula over other facts.'),
});
const fact = z.union([scalar, z.strictObject({ rows: z.array(z.record(z.string(), scalar)), from: z.string() })]);

const verdict = z.strictObject({
  id: z.string().describe('The diagnosis: folder and page of its runbook.'),
  title: z.string(),
  verdict: z.enum(['found', 'ruled-out', 'unknown']),
  severity: z.enum(['crit', 'warn', 'info']).nullable().describe('null unless found.'),
  summary: z.string().describe('One sentence with the numbers.'),
  why: z.string().nullable().describe('null unless found.'),
  next: z.array(z.string()).describe('What to do, first things first; empty unless found.'),
  facts: z.record(z.string(), fact),
  causedBy: z.string().nullable().describe('The finding that explains this one.'),
  fixes: z.array(z.string()).describe('Fixes that this host’s readings call for: tcp-oncall plan <host> <fix>.'),
  runbook: z.string().describe('Where the page is.'),
  reason: z
    .strictObject({ code: z.string(), what: z.string(), reading: z.string().nullable() })
    .nullable()
    .describe('Why it is unknown; null otherwise.'),
});

const reportDocument = z.strictObject({
  schema: z.literal('tcp-oncall.report/1'),
  language: z.enum(LANGUAGES),
  host: z.string(),
  startedAt: z.iso.datetime(),
  interval: z.number().describe('Seconds between the samples.'),
  samples: z.union([z.literal(1), z.literal(2)]),
  interruption: z.string().nullable().describe('Why there is one sample only; null when there are two.'),
  kernel: z.string().nullable(),
  distribution: z.string().nullable(),
  drift: z
    .string()
    .nullable()
    .describe('That the kernel a change kept on the host does not run; null where it does, or none was kept.'),
  verdicts: z.array(verdict).describe('Findings first, worst first; then unknown; then ruled out.'),
  unreadable: z.array(
    z.strictObject({
      source: z.string(),
      sample: z.union([z.literal(1), z.literal(2)]),
      code: z.string(),
      what: z.string(),
      sentence: z.string(),
    }),
  ),
});

export type ReportDocument = z.infer<typeof reportDocument>;
export type VerdictDocument = ReportDocument['verdicts'][number];

/** A diagnosis's wording, the file it is from, and where a reader finds the page. */
export interface PageWording {
  readonly wording: FrontMatter;
  readonly file: string;
  readonly address: string;
}

export interface Vocabulary {
  readonly language: Language;
  readonly words: Words;
  readonly pages: ReadonlyMap<string, PageWording>;
}

/** Ids of fixes, by the finding they answer. */
export type Offers = ReadonlyMap<string, readonly string[]>;

/** Throws a BrokenTextError when a page names a fact the rule does not give. */
export function wordReport(report: Report, vocabulary: Vocabulary, offers: Offers = new Map()): ReportDocument {
  const verdicts = report.verdicts.map((verdict) => ({
    ...wordByPage(verdict, vocabulary),
    fixes: [...(offers.get(verdict.id) ?? [])],
  }));
  return documentOf(report, vocabulary, verdicts);
}

/** For who shows what was found and what is unknown: what was ruled out, mostly most of it, has no sentence. */
export function wordFindings(report: Report, vocabulary: Vocabulary): ReportDocument {
  const verdicts = report.verdicts.map((verdict) => wordByPage(verdict, vocabulary, () => ''));
  return documentOf(report, vocabulary, verdicts);
}

function documentOf(report: Report, { words, language }: Vocabulary, verdicts: VerdictDocument[]): ReportDocument {
  return {
    schema: 'tcp-oncall.report/1',
    language,
    host: neutralise(report.host),
    startedAt: report.startedAt.toISOString(),
    interval: report.interval,
    samples: report.samples,
    interruption: report.interruption === null ? null : wordFailure(words, report.interruption).message,
    kernel: neutraliseMaybe(report.kernel),
    distribution: neutraliseMaybe(report.distribution),
    drift: wordDrift(report, words),
    verdicts,
    unreadable: report.unreadable.map((unread) => wordUnread(unread, words)),
  };
}

function wordByPage(verdict: Verdict, vocabulary: Vocabulary, ruledOut = wordRuledOut): VerdictDocument {
  const page = vocabulary.pages.get(verdict.id);
  if (page === undefined) throw new BrokenTextError(`runbooks/${verdict.id} has no page.`);
  return aboutFile(page.file, () => wordVerdict(verdict, page, vocabulary, ruledOut));
}

function wordVerdict(
  verdict: Verdict,
  page: PageWording,
  { words, language }: Vocabulary,
  ruledOut: typeof wordRuledOut,
): VerdictDocument {
  const base = { ...EMPTY, id: verdict.id, title: page.wording.title, runbook: page.address };
  switch (verdict.kind) {
    case 'found': {
      const { severity, causedBy, facts } = verdict;
      const { next, ...words } = wordFinding(page.wording, facts, language);
      return { ...base, verdict: 'found', severity, causedBy, facts: facts as Shown, ...words, next: [...next] };
    }
    case 'ruled-out': {
      const summary = ruledOut(page.wording, verdict.facts, language);
      return { ...base, verdict: 'ruled-out', facts: verdict.facts as Shown, summary };
    }
    case 'unknown': {
      const { code, what, reading } = verdict.reason;
      const reason = { code, what: neutralise(what), reading: reading ?? null };
      const why = fill(words.reasons[code].sentence, { what });
      return { ...base, verdict: 'unknown', reason, summary: fill(words.unknown, { reason: why }) };
    }
  }
}

const EMPTY = { severity: null, why: null, next: [], facts: {}, causedBy: null, fixes: [], reason: null };

/** The schema has no read-only lists. */
type Shown = VerdictDocument['facts'];

function wordUnread({ source, sample, code, what }: Unread, words: Words): ReportDocument['unreadable'][number] {
  const sentence = fill(words.reasons[code].sentence, { what });
  return { source, sample, code, what: neutralise(what), sentence };
}

function wordDrift({ host, kernel, drift }: Report, words: Words): string | null {
  if (drift === null) return null;
  const { change: id, seconds } = drift;
  return fill(words.drift, { host: neutralise(host), running: neutralise(kernel ?? ''), id, seconds });
}

function neutraliseMaybe(text: string | null): string | null {
  return text === null ? null : neutralise(text);
}

/** The document as a JSON Schema (draft 2020-12). */
export function reportSchema(): Readonly<Record<string, unknown>> {
  return { title: 'tcp-oncall report', ...z.toJSONSchema(reportDocument) };
}
