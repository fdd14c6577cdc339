/** A report as a terminal shows it: verdict first, then numbers, why, what to do; then what is not known and what is ruled out. Pure. */
import Handlebars from 'handlebars';
import type { Severity } from '#domain/verdict.ts';
import { aboutFile } from './broken-text.ts';
import type { ReportDocument, VerdictDocument } from './document.ts';
import { palette } from './palette.ts';
import { causes, effectsOf, tally, unknownGroups } from './report-summary.ts';
import { factLines } from './terminal-facts.ts';
import type { Words } from './words.ts';
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
    findings: causes(found).map((cause) => withEffects(cause, found, report, view)),
    diagnoses: report.verdicts.length,
    unknownCount: unknown.length,
    unknown: unknownGroups(unknown, view.words),
    ruledOutCount: ruledOut.length,
    ruledOut: ruledOut.map((verdict) => withFacts(verdict, report, view)),
  };
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
  const fixes = [...new Set([cause, ...effects].flatMap((verdict) => verdict.fixes))];
  return { ...withFacts(cause, report, view), next, effects, fixes };
}

function withFacts(verdict: VerdictDocument, { language }: ReportDocument, { all, words, width }: TerminalView) {
  const facts = all ? factLines(verdict.facts, words, language, width) : [];
  return { ...verdict, facts, label: words.severity[verdict.severity ?? ('info' satisfies Severity)] };
}
