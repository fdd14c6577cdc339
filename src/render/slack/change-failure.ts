/** What stood in the way of a change, and why it is not known how it stands: as one sentence. */
import type { Change } from '#domain/change.ts';
import { type ChangeFailure, failureOf } from '#domain/change-failure.ts';
import { boundText } from '#render/refusal-text.ts';
import { fill } from '#render/words.ts';
import { FAILURES, LOSSES } from './change-words.ts';
import type { SlackVoice } from './message.ts';

type Failing = Pick<Change, 'host' | 'kind' | 'gates'>;

export function failureSentence(
  failing: Failing,
  { code, detail }: ChangeFailure,
  { change, kinds }: Pick<SlackVoice, 'change' | 'kinds'>,
): string {
  const host = lastHost(failing);
  const own = kinds.get(failing.kind)?.words.failures[code];
  if (own !== undefined) return fill(own, { host, detail });
  const bound = code === 'out-of-bounds' ? boundText(detail, change) : undefined;
  if (bound !== undefined) return bound;
  if (code === 'needed') return neededSentence(detail, change);
  const known = knownFailure(code);
  return fill(change.failures[known ?? 'other'], { host, detail: known === undefined ? `${code} ${detail}` : detail });
}

/** Of `ID KEY BOUND LIMIT VALUE`: the newer change to revert first, and the bound that it would not keep. */
function neededSentence(detail: string, words: SlackVoice['change']): string {
  const [id = '', ...bound] = detail.split(' ');
  const said = bound.join(' ');
  return fill(words.failures.needed, { id, bound: boundText(said, words) ?? said });
}

/** Undefined for a code that a later helper may say. */
export function knownFailure(code: string): (typeof FAILURES)[number] | undefined {
  return FAILURES.find((each) => each === (code.startsWith('bad-') ? 'bad-order' : code));
}

/** That which worked last: a change may have several. */
function lastHost({ host, gates }: Failing): string {
  return gates.findLast(({ expiresAt }) => expiresAt !== null)?.host ?? host;
}

export function lossSentence(change: Failing, why: string, voice: SlackVoice): string {
  const { losses, card } = voice.change;
  const known = LOSSES.find((each) => each === why);
  if (known !== undefined) return fill(card.unknownWhy, { why: losses[known] });
  const refusal = failureOf(why);
  const own = voice.kinds.get(change.kind)?.words.failures[refusal.code];
  if (own === undefined && knownFailure(refusal.code) === undefined) return fill(card.unknownWhy, { why });
  return failureSentence(change, refusal, voice);
}
