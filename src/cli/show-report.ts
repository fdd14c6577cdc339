/** Prints a report, as text or as one JSON document, and says what the exit status is. */
import { loadTemplate, loadWordings } from '#catalogue.ts';
import type { Report } from '#domain/report.ts';
import { type Offers, type Vocabulary, wordReport } from '#render/document.ts';
import { neutralJson } from '#render/neutral.ts';
import { renderReport } from '#render/terminal.ts';
import { STATUS, type Status } from './failure.ts';
import { screenOf } from './screen.ts';
import type { Session } from './session.ts';

export interface ShowOptions {
  readonly json?: boolean;
  readonly all?: boolean;
}

export async function loadVocabulary({ language, overrides, words: load }: Session): Promise<Vocabulary> {
  const [words, pages] = await Promise.all([load(), loadWordings(language, overrides)]);
  return { language, words, pages };
}

export async function showReport(
  report: Report,
  vocabulary: Vocabulary,
  offers: Offers,
  { json = false, all = false }: ShowOptions,
  { overrides, stdout, env }: Session,
): Promise<Status> {
  const document = wordReport(report, vocabulary, offers);
  if (json) stdout.write(`${neutralJson(document)}\n`);
  else {
    const template = await loadTemplate(`terminal.${vocabulary.language}.hbs`, overrides);
    stdout.write(renderReport(document, { ...screenOf(stdout, env), words: vocabulary.words, template, all }));
  }
  return statusOf(report);
}

/** A finding that only explains something is no reason to fail; a check that decided nothing, or stopped half-way and found nothing, is. */
function statusOf({ verdicts, interruption }: Report): Status {
  if (verdicts.some((verdict) => verdict.kind === 'found' && verdict.severity !== 'info')) return STATUS.findings;
  const decided = verdicts.some(({ kind }) => kind !== 'unknown');
  return decided && interruption === null ? STATUS.nothing : STATUS.unchecked;
}
