/** The words of kernel changes: src/kinds/kernel/words.<language>.yaml. */
import { z } from 'zod';
import { kindWords } from '#render/kind-card.ts';
import { byName, ofEach, sentence, sentences, wordsParser } from '#render/words-parser.ts';
import { QUESTIONS } from './evidence.ts';
import { CONFIGS } from './plan.ts';

export const NUMBERS = ['connections', 'seconds', 'timeWait', 'services'] as const;

const schema = kindWords.extend({
  title: sentence,
  /** By the gate whose work it is. */
  steps: sentences(['prepare', 'build', 'install', 'boot', 'keep']),
  configs: sentences(CONFIGS),
  effects: sentences(['ceiling', 'length']),
  /** By what would do instead of a build, or makes one pointless. */
  cheaper: byName(sentence),
  /** By the code of the answer; over the plan's facts. */
  answers: ofEach(QUESTIONS, byName(sentence)),
  /** Of a proof; the first is the one that people feel. */
  numbers: sentences(NUMBERS),
  /** What a host says of long work; `other`: a stage that has no words. */
  progress: z.strictObject({
    stages: byName(sentence),
    build: sentence,
    queue: sentence,
    /** What has begun. */
    now: sentence,
    again: byName(sentence),
    prepare: sentence,
    installing: byName(sentence),
    boot: sentence,
    reboot: sentence,
    verify: sentence,
    keep: sentence,
    revert: sentence,
  }),
});

export type KernelWords = z.infer<typeof schema>;

export const parseKernelWords = wordsParser(schema);
