/** A report as a terminal shows it: verdict first, then numbers, why, what to do; then what is not known and what is ruled out. Pure. */
import Handlebars from 'handlebars';
import type { Severity } from '#domain/verdict.ts';
import { aboutFile } from './broken-text.ts';
import type { ReportDocument, VerdictDocument } from './document.ts';
import { palette } from './palette.ts';
import { factLines } from './terminal-facts.ts';
import { fill, type Words } from './words.ts';
import { wrapLines } from './wrap.ts';

/** A frame's text and where it is from. */
export interface Template {
  readonly text: string;
  readonly file: string;
}

export interface TerminalView {
  readonly words: Words;
  /** The frame: templates/terminal.<language>.hbs. */
  readonly template: Template;
  /** Columns. */
  readonly width: number;
  readonly colour: boolean;
  /** Every fact with its formula, and every ruled-out diagnosis. */
  readonly all: boolean;
}

/** Throws a BrokenTextError when the template names something that the report does not have. */
export function renderReport(report: ReportDocument, view: TerminalView): string {
  const helpers = palette(view.colour);
  const knownHelpers = Object.fromEntries(Object.keys(helpers).map((name) => [name, true]));
  const options = { strict: true, noEscape: true, knownHelpersOnly: true, knownHelpers };
  const { text, file } = view.template;
  const shown = aboutFile(file, () => Handlebars.create().compile(text, options)(model(report, view), { helpers }));
  return wrapLines(shown, view.width).replace(/\n*$/, '\n');
}

function model(report: ReportDocument, view: TerminalView) {
  const found = report.verdicts.filter(({ verdict }) => verdict === 'found');
  const unknown = report.verdicts.filter(({ verdict }) => verdict === 'unknown');
  const ruledOut = report.verdicts.filter(({ verdict }) => verdict === 'ruled-out');
  return {
    ...report,
    all: view.all,
    two: report.samples === 2,
    startedAt: report.startedAt.replace(/T(.*)\.\d+Z$/, ' $1 UTC'),
    found: found.length,
    worst: found[0]?.severity ?? null,
    tally: tally(found, view.words),
    findings: found.filter(({ causedBy }) => causedBy === null).map((cause) => withEffects(cause, found, report, view)),
    diagnoses: report.verdicts.length,
    unknownCount: unknown.length,
    unknown: groups(unknown, view.words),
    ruledOutCount: ruledOut.length,
    ruledOut: ruledOut.map((verdict) => withFacts(verdict, report, view)),
  };
}

/** "1 critical, 2 warnings" */
function tally(found: readonly VerdictDocument[], { tally: words }: Words): string {
  const counts = (['crit', 'warn', 'info'] as const).map((severity) => {
    const n = found.filter((verdict) => verdict.severity === severity).length;
    return n === 0 ? [] : [fill(n === 1 ? words[severity].one : words[severity].many, { n })];
  });
  return counts.flat().join(words.separator);
}

/** A finding with everything it explains, directly or through another finding, folded under it. */
function withEffects(
  cause: VerdictDocument,
  found: readonly VerdictDocument[],
  report: ReportDocument,
  view: TerminalView,
) {
  const effects = effectsOf(cause.id, found).map((effect) => ({
    ...withFacts(effect, report, view),
    title: effect.title.replace(/[.。]$/, ''),
  }));
  const next = cause.next.map((line, index) => `${index + 1}. ${line}`);
  return { ...withFacts(cause, report, view), next, effects };
}

function effectsOf(id: string, found: readonly VerdictDocument[]): readonly VerdictDocument[] {
  return found.filter(({ causedBy }) => causedBy === id).flatMap((effect) => [effect, ...effectsOf(effect.id, found)]);
}

function withFacts(verdict: VerdictDocument, { language }: ReportDocument, { all, words, width }: TerminalView) {
  const facts = all ? factLines(verdict.facts, words, language, width) : [];
  return { ...verdict, facts, label: words.severity[verdict.severity ?? ('info' satisfies Severity)] };
}

/** What is not known, by reason, the commonest first. */
function groups(unknown: readonly VerdictDocument[], words: Words) {
  const codes = [...new Set(unknown.map(({ reason }) => reason?.code ?? 'failed'))] as (keyof Words['reasons'])[];
  return codes
    .map((code) => {
      const items = unknown.filter(({ reason }) => (reason?.code ?? 'failed') === code);
      const { heading, next, command } = words.reasons[code];
      const lines = command?.split('\n') ?? [];
      return { heading, next, command: lines, items: items.map(({ id, reason }) => ({ id, detail: detail(reason) })) };
    })
    .toSorted((a, b) => b.items.length - a.items.length);
}

/** The reading asked for, and what was said about it when that is something else. */
function detail(reason: VerdictDocument['reason']): string {
  const { reading, what } = reason ?? { reading: null, what: '' };
  if (reading === null || reading === what || reading.endsWith(`:${what}`)) return what;
  return `${reading}, ${what}`;
}
