/** One sentence for the one person whom it concerns, and buttons where a click corrects a slip. */
import { fill } from '#render/words.ts';
import { actions, button } from './elements.ts';
import { messageOf, notification, type SlackMessage, type SlackVoice } from './message.ts';
import { line, type Piece, plain, rich } from './rich.ts';
import type { Problem } from './slack-words.ts';

const NONE = {
  name: '',
  host: '',
  word: '',
  nearest: '',
  id: '',
  bot: '',
  link: '',
  reference: '',
  key: '',
  type: '',
  wanted: '',
};

/** What the sentences may name; the parser of the words cannot know which of them each one needs. */
export type ProblemDetails = Readonly<Partial<typeof NONE>>;

const MOST_TYPED = 100;

export function problemMessage(problem: Problem, details: ProblemDetails, { slack }: SlackVoice): SlackMessage {
  return complaint(slack.problems[problem], details);
}

export function complaint(sentence: string, details: ProblemDetails): SlackMessage {
  return sentenceMessage(fill(sentence, { ...NONE, ...shortened(details) }));
}

/** What was typed is shown back, and may be anything. */
function shortened(details: ProblemDetails): ProblemDetails {
  return Object.fromEntries(
    Object.entries(details).map(([name, text]) => [
      name,
      text.length > MOST_TYPED && name !== 'link' ? `${text.slice(0, MOST_TYPED)}…` : text,
    ]),
  );
}

/** `more`: names, which a sentence cannot hold. */
export function sentenceMessage(sentence: string, ...more: readonly (readonly Piece[])[]): SlackMessage {
  return messageOf(sentence, line(plain(sentence), ...more));
}

export interface OfferedHost {
  readonly host: string;
  /** The offer's id. */
  readonly offer: string;
}

/** `total`: how many there are; those not offered are counted. */
export function offersMessage(
  kind: 'near' | 'group',
  name: string,
  offers: readonly OfferedHost[],
  total: number,
  { slack }: SlackVoice,
): SlackMessage {
  const question = fill(slack.offers[kind], shortened({ name }) as { name: string });
  const rest = total - offers.length;
  const buttons = offers.map(({ host, offer }, index) => button(`offer:${index}`, host, offer));
  const more = rest > 0 ? [rich(line(plain(fill(slack.offers.more, { n: rest }))))] : [];
  return { text: notification(question), blocks: [rich(line(plain(question))), ...actions(buttons), ...more] };
}
