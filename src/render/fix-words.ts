/** The sentences of one fix, over the facts of its plan or of its refusal: src/fixes/<id>/words.<language>.yaml. */
import { z } from 'zod';
import type { Facts } from '#domain/fact.ts';
import type { Language } from '#domain/language.ts';
import { compiledSentence } from './compiled.ts';
import { showFacts } from './fact.ts';
import { joinLines } from './wording.ts';
import { byName, sentence, wordsParser } from './words-parser.ts';

const schema = z.strictObject({
  /** What it does, in a few words that begin with a verb. */
  title: sentence,
  /** What it is predicted to do, with the numbers. */
  effect: sentence,
  /** What it does not do, and what it may cost. */
  limits: sentence,
  /** What else must happen; a line may come out empty. */
  also: z.array(sentence),
  /** The numbers of its proof, by their names; the first is the one that people feel. */
  numbers: byName(sentence),
  /** Why there is no plan, by the code of the refusal. */
  refusals: byName(sentence),
});

export type FixWords = z.infer<typeof schema>;

export const parseFixWords = wordsParser(schema);

/** One sentence of a fix, filled in. Throws when it names a fact that is not given. */
export function fillFix(template: string, facts: Facts, language: Language): string {
  return joinLines(compiledSentence(template)(showFacts(facts, language)));
}
