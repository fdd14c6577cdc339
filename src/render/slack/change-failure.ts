/** What stood in the way of a change, and why nobody can say how it stands: as one sentence. */
import type { Change, ChangeFailure } from '#domain/change.ts';
import { boundText } from '#render/refusal-text.ts';
import { fill } from '#render/words.ts';
import { FAILURES, LOSSES } from './change-words.ts';
import type { SlackVoice } from './message.ts';

export function failureSentence(
  { host }: Pick<Change, 'host'>,
  { code, detail }: ChangeFailure,
  { change }: SlackVoice,
): string {
  const bound = code === 'out-of-bounds' ? boundText(detail, change) : undefined;
  if (bound !== undefined) return bound;
  const known = FAILURES.find((each) => each === code);
  return fill(change.failures[known ?? 'other'], { host, detail: known === undefined ? `${code} ${detail}` : detail });
}

export function lossSentence(why: string, { change }: SlackVoice): string {
  const known = LOSSES.find((each) => each === why);
  return fill(change.card.unknownWhy, { why: known === undefined ? why : change.losses[known] });
}
