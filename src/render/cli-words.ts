/** What the command line says of itself: help, and what was wrong with the words typed. templates/cli.<language>.yaml. */
import { z } from 'zod';
import { sentence, sentences, wordsParser } from './words-parser.ts';

/** What keeps a command line from being carried out; over command, word, nearest, needs, given, choices. */
const ERRORS = [
  'unknown-command',
  'unknown-option',
  'no-host',
  'no-host-all',
  'missing-argument',
  'several-hosts',
  'too-many-arguments',
  'option-without-value',
  'missing-option',
  'not-a-choice',
  'bad-interval',
  'bad-roles',
  'bad-minutes',
  'bad-timewait',
  'unknown-diagnosis',
  'bad-since',
] as const;

export type UsageProblem = (typeof ERRORS)[number];

const schema = z.strictObject({
  titles: sentences(['usage', 'arguments', 'options', 'commands']),
  /** In a usage line: `[options]`, `[command]`. */
  placeholders: sentences(['options', 'command']),
  /** Behind an option's text. */
  extra: sentences(['choices', 'default', 'around']),
  /** Of each command, of its arguments and options, and what is said below its help. */
  help: z.record(z.string(), sentence),
  errors: sentences(ERRORS),
});

export type CliWords = z.infer<typeof schema>;

export const parseCliWords = wordsParser(schema);
