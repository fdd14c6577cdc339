/** What the thread is told when a run has ended: edits notify nobody. The details of each finding, as many as fit. */
import type { KnownBlock } from '@slack/web-api';
import type { VerdictDocument } from '#render/document.ts';
import { causes, effectsOf } from '#render/report-summary.ts';
import { fill, wordFailure } from '#render/words.ts';
import { askedForLines } from './asked-for.ts';
import { foundIn, headlineOf } from './check-card.ts';
import {
  characters,
  clip,
  fitting,
  MOST_CHARACTERS,
  notification,
  type SlackMessage,
  type SlackVoice,
} from './message.ts';
import { bold, bullets, emoji, line, person, plain, rich } from './rich.ts';
import { runbook } from './runbook.ts';
import { severityMark } from './severity.ts';
import type { ShownCheck } from './shown-check.ts';

export interface ThreadReply extends SlackMessage {
  /** Findings that did not fit. */
  readonly omitted: number;
}

const LONGEST = 1500;
/** Slack allows 50 blocks; each finding is one. */
const MOST_FINDINGS = 20;

/** `withFile`: the whole report stands above it in the thread. */
export function threadReply(
  { run, document, askedBy }: Pick<ShownCheck, 'run' | 'document' | 'askedBy'>,
  withFile: boolean,
  voice: SlackVoice,
): ThreadReply {
  const headline = headlineOf(run, document, voice);
  const details =
    document === null ? [] : causes(foundIn(document)).map((cause) => detail(cause, foundIn(document), voice));
  const top = rich(
    line(person(askedBy), plain('  '), emoji(headline.mark), bold(headline.text)),
    ...endLines(run, voice),
    ...askedForLines(run, voice),
    ...(document?.drift == null ? [] : [line(plain(document.drift))]),
  );
  const fits = fitting(details, MOST_FINDINGS, MOST_CHARACTERS - characters(top) - 200);
  const omitted = details.length - fits.length;
  const note =
    omitted === 0
      ? []
      : [rich(line(plain(fill(voice.slack.thread[withFile ? 'omitted' : 'omittedWithoutFile'], { n: omitted }))))];
  return { text: notification(headline.text), blocks: [top, ...fits, ...note], omitted };
}

function endLines({ state, host }: ShownCheck['run'], voice: SlackVoice) {
  if (state.kind === 'failed') {
    const { message, next } = wordFailure(voice.vocabulary.words, state.failure);
    return [line(plain(`${message} ${next}`))];
  }
  if (state.kind !== 'lost') return [];
  const { message, next } = voice.slack.lost[state.why];
  return [line(plain(`${fill(message, { host })} ${fill(next, { host })}`))];
}

function detail(cause: VerdictDocument, found: readonly VerdictDocument[], voice: SlackVoice): KnownBlock {
  const { severity, title, why, next, id } = cause;
  const label = voice.vocabulary.words.severity[severity ?? 'info'];
  const steps = next.map((step) => plain(clip(step, LONGEST, voice)));
  const effects = effectsOf(id, found).map((effect) =>
    plain(clip(`${effect.title}. ${effect.summary}`, LONGEST, voice)),
  );
  return rich(
    line(emoji(severityMark(severity)), bold(`${label}  ${title}`)),
    line(plain(clip(why ?? '', LONGEST, voice))),
    ...(steps.length === 0 ? [] : [line(bold(voice.slack.thread.toDo)), bullets(steps, 'ordered')]),
    ...(effects.length === 0 ? [] : [line(bold(voice.slack.thread.explains)), bullets(effects)]),
    line(runbook(id, voice)),
  );
}
