/** What has changed since the last check of this host, in one line. */
import type { Comparison } from '#domain/compare-reports.ts';
import { fill } from '#render/words.ts';
import type { SlackVoice } from './message.ts';
import { line, type Part, plain, time } from './rich.ts';

const MOST_NAMED = 5;

export function changesLine(comparison: Comparison, voice: SlackVoice): Part {
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
  return ids.length === 0 ? [] : [fill(template, { list: firstOf(ids, MOST_NAMED) })];
}

/** The others are counted. */
export function firstOf(names: readonly string[], most: number): string {
  const more = names.length > most ? ` (+${names.length - most})` : '';
  return names.slice(0, most).join(', ') + more;
}
