/** The short sentences every surface shares: why something is not known, why a host could not be checked. Wording lives in templates/words.<language>.yaml. */
import { z } from 'zod';
import { REASON_CODES } from '#domain/reading.ts';
import { type CheckFailure, FAILURES } from '#domain/report.ts';
import { compiledSentence } from './compiled.ts';
import { neutralise } from './neutral.ts';
import { byName, ofEach, sentence, sentences, wordsParser } from './words-parser.ts';

const failure = z.strictObject({
  /** What happened, one sentence. */
  message: sentence,
  /** What to do next, one sentence. */
  next: sentence,
});
const reason = z.strictObject({
  /** Why this one thing is not known, one sentence over `what`. */
  sentence,
  /** Heads the list of diagnoses that share the reason. */
  heading: sentence,
  /** What to do about it. */
  next: sentence,
  /** A line to copy for that. */
  command: sentence.optional(),
});
const count = sentences(['one', 'many']);

/** What was found of one thing, and what to do about it; a kind that cannot be is left out. */
const verdict = z.strictObject({ message: sentence, next: z.string() }).optional();
const judged = ofEach(['fine', 'broken', 'unchecked'], verdict);

/** What the doctor looks at. */
const SUBJECTS = [
  'configuration',
  'bot-token',
  'scopes',
  'app-token',
  'signing-secret',
  'redis',
  'workers',
  'records',
  'ansible-variables',
  'host',
  'changes',
] as const;

export type Subject = (typeof SUBJECTS)[number];

const words = z.strictObject({
  severity: sentences(['crit', 'warn', 'info']),
  reasons: ofEach(REASON_CODES, reason),
  failures: ofEach(FAILURES, failure),
  /** By unit, over `n`; a unit that is not listed is said by the number itself. */
  units: byName(z.string()),
  values: sentences(['true', 'false', 'null']),
  tally: ofEach(['crit', 'warn', 'info'], count).extend({ separator: z.string() }),
  /** That the host does not run the kernel that a change kept. */
  drift: sentence,
  /** What a verdict's summary says when there is no verdict. */
  unknown: sentence,
  progress: sentences(['inventory', 'connecting', 'sampling', 'waiting', 'judging', 'soFar', 'soFarNothing']),
  hosts: z.strictObject({ head: sentences(['host', 'login', 'via', 'groups']), none: sentence }),
  access: sentences(['loggedIn', 'transport', 'all', 'most', 'ownProcesses', 'changes']),
  trust: sentences([
    'offers',
    'trusted',
    'unknown',
    'compare',
    'confirm',
    'added',
    'notAdded',
    'nothingNew',
    'noTerminal',
  ]),
  doctor: ofEach(SUBJECTS, judged).extend({ marks: sentences(['fine', 'broken', 'unchecked']), summary: sentence }),
  usage: z.strictObject({ unknownHost: sentence, or: z.string(), group: sentence, configuration: sentence }),
});

export type Words = z.infer<typeof words>;

export const parseWords = wordsParser(words);

type Details = Readonly<Record<string, string | number | null>>;

/**
 * Fills one sentence in; text from hosts is neutralised. Throws when the sentence names something that is not given.
 * Blanks around it go, but for one at the end of the template itself: there a name or a link follows.
 */
export function fill(template: string, details: Details): string {
  const safe = Object.entries(details).map(([k, v]) => [k, typeof v === 'string' ? neutralise(v) : v]);
  const text = compiledSentence(template)(Object.fromEntries(safe)).trim();
  return template.endsWith(' ') ? `${text} ` : text;
}

export function wordFailure(words: Words, { kind, details }: CheckFailure): { message: string; next: string } {
  const { message, next } = words.failures[kind];
  return { message: fill(message, details), next: fill(next, details) };
}
