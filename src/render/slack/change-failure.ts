/** What stood in the way of a change, as one sentence. */
import type { Change, ChangeFailure } from '#domain/change.ts';
import { fill } from '#render/words.ts';
import { FAILURES } from './change-words.ts';
import type { SlackVoice } from './message.ts';

export function failureSentence(
  { host }: Pick<Change, 'host'>,
  { code, detail }: ChangeFailure,
  { change }: SlackVoice,
): string {
  const known = FAILURES.find((each) => each === code);
  return fill(change.failures[known ?? 'other'], { host, detail: known === undefined ? `${code} ${detail}` : detail });
}
