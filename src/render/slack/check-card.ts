/** The card of a run: one line that says how things stand, the findings with their numbers, and what is not known. */
import type { KnownBlock } from '@slack/web-api';
import type { Check } from '#domain/check.ts';
import type { ReportDocument, VerdictDocument } from '#render/document.ts';
import { causes, effectsOf, tally } from '#render/report-summary.ts';
import { fill } from '#render/words.ts';
import { cardFoot } from './check-card-foot.ts';
import { notesOf } from './check-card-notes.ts';
import { clip, fitting, MOST_CHARACTERS, notification, type SlackMessage, type SlackVoice } from './message.ts';
import { bold, emoji, line, plain, rich } from './rich.ts';
import { runbook } from './runbook.ts';
import { MARK, severityMark } from './severity.ts';
import type { ShownCheck } from './shown-check.ts';

const MOST_FINDINGS = 5;
const LONGEST_SUMMARY = 700;
/** For the headline, the notes, the buttons and the context. */
const RESERVED = 2500;

export function checkCard(shown: ShownCheck, voice: SlackVoice): SlackMessage {
  const { run, document } = shown;
  const headline = headlineOf(run, document, voice);
  const findings = document === null ? [] : findingBlocks(document, voice);
  const fits = fitting(findings, MOST_FINDINGS, MOST_CHARACTERS - RESERVED);
  const blocks: KnownBlock[] = [
    rich(line(emoji(headline.mark), bold(headline.text), plain(kernelOf(document, voice)))),
    ...fits,
    ...notesOf(shown, findings.length - fits.length, voice),
    ...cardFoot(shown, voice),
  ];
  return { text: notification(headline.text), blocks };
}

export interface Headline {
  readonly mark: string;
  readonly text: string;
}

export function headlineOf(run: Check, document: ReportDocument | null, voice: SlackVoice): Headline {
  const { card } = voice.slack;
  const { host, state } = run;
  switch (state.kind) {
    case 'queued':
      return { mark: MARK.waiting, text: fill(card.queued, { host }) };
    case 'running': {
      const stage = {
        connecting: card.connecting,
        'first-sample': card.firstSample,
        'second-sample': card.secondSample,
        judging: card.judging,
      }[state.stage];
      const found = document === null ? '' : tallyOf(document, voice);
      return {
        mark: MARK.waiting,
        text: fill(stage, { host, seconds: run.interval, tally: found || card.nothingYet }),
      };
    }
    case 'reported':
      return document === null
        ? { mark: MARK.failed, text: fill(card.failed, { host }) }
        : verdictOf(host, document, voice);
    case 'cancelled':
      return { mark: MARK.cancelled, text: fill(card.cancelled, { host }) };
    case 'failed':
    case 'lost':
      return { mark: MARK.failed, text: fill(card.failed, { host }) };
  }
}

/** Something that could not be checked is never called healthy. */
export function verdictOf(host: string, document: ReportDocument, voice: SlackVoice): Headline {
  const { card } = voice.slack;
  const found = tallyOf(document, voice);
  if (found !== '') {
    const worst = foundIn(document)[0]?.severity ?? null;
    return { mark: severityMark(worst), text: fill(card.found, { host, tally: found }) };
  }
  if (document.verdicts.every(({ verdict }) => verdict === 'unknown'))
    return { mark: MARK.failed, text: fill(card.failed, { host }) };
  const whole = document.interruption === null && document.verdicts.every(({ verdict }) => verdict === 'ruled-out');
  return whole
    ? { mark: MARK.healthy, text: fill(card.nothing, { host }) }
    : { mark: MARK.partly, text: fill(card.nothingOfWhatCouldBeChecked, { host }) };
}

export function foundIn({ verdicts }: ReportDocument): readonly VerdictDocument[] {
  return verdicts.filter(({ verdict }) => verdict === 'found');
}

export function tallyOf(document: ReportDocument, { vocabulary }: SlackVoice): string {
  return tally(foundIn(document), vocabulary.words);
}

function kernelOf(document: ReportDocument | null, { slack }: SlackVoice): string {
  return document?.kernel ? `  ${fill(slack.card.kernel, { kernel: document.kernel })}` : '';
}

function findingBlocks(document: ReportDocument, voice: SlackVoice): readonly KnownBlock[] {
  const found = foundIn(document);
  return causes(found).map((cause) => {
    const { severity, title, summary, id } = cause;
    const label = voice.vocabulary.words.severity[severity ?? 'info'];
    const effects = effectsOf(id, found).map((effect) => effect.title);
    const explains = effects.length === 0 ? '' : ` ${fill(voice.slack.card.explains, { titles: effects.join('; ') })}`;
    return rich(
      line(emoji(severityMark(severity)), bold(`${label}  ${title}`)),
      line(plain(`${clip(summary + explains, LONGEST_SUMMARY, voice)} `), runbook(id, voice)),
    );
  });
}
