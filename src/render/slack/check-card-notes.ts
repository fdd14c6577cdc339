/** What stands below a card's findings: how the run ended, what has changed, what is ruled out and what is not known. */
import type { KnownBlock } from '@slack/web-api';
import { type Check, hasEnded } from '#domain/check.ts';
import type { Comparison } from '#domain/compare-reports.ts';
import type { ReportDocument } from '#render/document.ts';
import { unknownGroups } from '#render/report-summary.ts';
import { unreadySentence } from '#render/unready-sentence.ts';
import { joinSentences } from '#render/wording.ts';
import { fill, wordFailure } from '#render/words.ts';
import { askedForLines } from './asked-for.ts';
import { characters, type SlackVoice } from './message.ts';
import { line, type Part, person, plain, rich, time } from './rich.ts';
import type { ShownCheck } from './shown-check.ts';

const MOST_NAMED = 4;
const MOST_CHANGED = 5;

/** What is below the findings, as one block, because Slack puts space between blocks. */
export function notesOf(
  { run, document, comparison, unready = null }: ShownCheck,
  omitted: number,
  voice: SlackVoice,
): KnownBlock[] {
  const { card } = voice.slack;
  const parts: Part[] = [...endOf(run, voice), ...askedForLines(run, voice)];
  if (omitted > 0) parts.push(line(plain(fill(card.more, { n: omitted }))));
  if (document !== null && !hasEnded(run)) parts.push(line(plain(card.preliminary, { italic: true })));
  if (document !== null && hasEnded(run)) {
    if (document.interruption !== null) parts.push(line(plain(document.interruption)));
    if (document.drift !== null) parts.push(line(plain(document.drift)));
    if (comparison !== null) parts.push(changesLine(comparison, voice));
    if (unready !== null) parts.push(line(plain(unreadySentence(unready, run.host, voice.change))));
    parts.push(...coverage(document, voice));
  }
  return parts.length === 0 || characters(parts) === 0 ? [] : [rich(...parts)];
}

function endOf(run: Check, voice: SlackVoice): readonly Part[] {
  const { state, host } = run;
  if (state.kind === 'failed') return sentences(wordFailure(voice.vocabulary.words, state.failure));
  if (state.kind === 'cancelled') return [line(plain(voice.slack.card.cancelledBy), person(state.by.id))];
  if (state.kind !== 'lost') return [];
  const { message, next } = voice.slack.lost[state.why];
  return sentences({ message: fill(message, { host }), next: fill(next, { host }) });
}

function sentences({ message, next }: { readonly message: string; readonly next: string }): readonly Part[] {
  return [line(plain(message)), line(plain(next))];
}

function coverage({ verdicts }: ReportDocument, { slack, vocabulary }: SlackVoice): readonly Part[] {
  const ruledOut = verdicts.filter(({ verdict }) => verdict === 'ruled-out').length;
  const unknown = verdicts.filter(({ verdict }) => verdict === 'unknown');
  const all = verdicts.length;
  const reasons = unknownGroups(unknown, vocabulary.words).map(({ heading, items }) =>
    fill(slack.card.unknownBecause, {
      heading,
      ids: firstOf(
        items.map(({ id }) => id),
        MOST_NAMED,
      ),
    }),
  );
  return [
    line(plain(fill(slack.card.ruledOut, { n: ruledOut, all }))),
    ...(unknown.length === 0
      ? []
      : [line(plain(joinSentences([fill(slack.card.unknown, { n: unknown.length, all }), ...reasons])))]),
  ];
}

/** What has changed since the last check of this host, in one line. */
function changesLine(comparison: Comparison, voice: SlackVoice): Part {
  const { changes } = voice.slack;
  const end = voice.vocabulary.language === 'ja' ? '）: ' : ': ';
  return line(plain(changes.since), time(comparison.since), plain(end + changesText(comparison, voice)));
}

function changesText(
  { appeared, gone, unknownNow, changed, kernel }: Comparison,
  { slack, vocabulary }: SlackVoice,
): string {
  const { changes } = slack;
  const { severity } = vocabulary.words;
  const parts = [
    ...listed(changes.appeared, appeared),
    ...listed(changes.gone, gone),
    ...listed(changes.unknownNow, unknownNow),
    ...changed.map(({ id, from, to }) => fill(changes.changed, { id, from: severity[from], to: severity[to] })),
    ...(kernel === null ? [] : [fill(changes.kernel, { from: kernel.from, to: kernel.to })]),
  ];
  return parts.length === 0 ? changes.same : parts.join(changes.separator);
}

function listed(template: string, ids: readonly string[]): readonly string[] {
  return ids.length === 0 ? [] : [fill(template, { list: firstOf(ids, MOST_CHANGED) })];
}

/** The others are counted. */
function firstOf(names: readonly string[], most: number): string {
  const more = names.length > most ? ` (+${names.length - most})` : '';
  return names.slice(0, most).join(', ') + more;
}
