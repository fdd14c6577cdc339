/** What a measurement showed, in sentences without a surface. */
import type { Change, Proof } from '#domain/change.ts';
import { cardOf, type KindCards } from './kind-card.ts';
import type { ChangeWords } from './slack/change-words.ts';
import { fill } from './words.ts';

type Words = Pick<ChangeWords, 'proof'>;

export function proofTitle(change: Change, proof: Proof, { proof: words }: Words): string {
  return fill(words.title, { seconds: secondsInto(change, proof), verdict: words.verdicts[proof.verdict] });
}

/** Before → after; the first is the number that people feel. */
export function proofNumbers(
  change: Change,
  proof: Proof,
  cards: KindCards,
  { proof: words }: Words,
): readonly string[] {
  return cardOf(change, cards)
    .numbers(change, proof)
    .map(({ name, before, after }) =>
      fill(words.number, { name, before: before ?? words.unknown, after: after ?? words.unknown }),
    );
}

/** Since the trial was approved, by the gate before the last one: it begins within a second or two of that. */
export function secondsInto({ gates, proposedAt }: Change, { at }: Proof): number {
  const applied = (gates.at(-2) ?? gates[0])?.approvals.at(-1)?.at ?? proposedAt;
  return Math.max(0, Math.round((at.getTime() - applied.getTime()) / 1000));
}
