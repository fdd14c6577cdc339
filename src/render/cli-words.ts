/** What the command line says of itself: help, and what was wrong with the words typed. templates/cli.<language>.yaml. */
import { z } from 'zod';
import { wordsParser } from './words-parser.ts';

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
  'unknown-diagnosis',
  'bad-since',
] as const;

export type UsageProblem = (typeof ERRORS)[number];

const sentence = z.string().min(1);

const schema = z.strictObject({
  titles: z.strictObject({ usage: sentence, arguments: sentence, options: sentence, commands: sentence }),
  /** In a usage line: `[options]`, `[command]`. */
  placeholders: z.strictObject({ options: sentence, command: sentence }),
  /** Behind an option's text. */
  extra: z.strictObject({ choices: sentence, default: sentence, around: sentence }),
  /** Of each command, of its arguments and options, and what is said below its help. */
  help: z.record(z.string(), sentence),
  errors: z.strictObject(
    Object.fromEntries(ERRORS.map((problem) => [problem, sentence])) as Record<UsageProblem, typeof sentence>,
  ),
});

export type CliWords = z.infer<typeof schema>;

export const parseCliWords = wordsParser(schema);
