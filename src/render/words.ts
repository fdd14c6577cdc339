/** The short sentences every surface shares: why something is not known, why a host could not be checked. Wording lives in templates/words.<language>.yaml. */
import { z } from 'zod';
import { REASON_CODES, type ReasonCode } from '#domain/reading.ts';
import { type CheckFailure, FAILURES } from '#domain/report.ts';
import { compiledSentence } from './compiled.ts';
import { neutralise } from './neutral.ts';
import { wordsParser } from './words-parser.ts';

const sentence = z.string().min(1);
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
const count = z.strictObject({ one: sentence, many: sentence });

/** What was found of one thing, and what to do about it; a kind that cannot be is left out. */
const verdict = z.strictObject({ message: sentence, next: z.string() }).optional();
const judged = z.strictObject({ fine: verdict, broken: verdict, unchecked: verdict });

const words = z.strictObject({
  severity: z.strictObject({ crit: sentence, warn: sentence, info: sentence }),
  reasons: z.strictObject(
    Object.fromEntries(REASON_CODES.map((code) => [code, reason])) as Record<ReasonCode, typeof reason>,
  ),
  failures: z.strictObject(
    Object.fromEntries(FAILURES.map((kind) => [kind, failure])) as Record<CheckFailure['kind'], typeof failure>,
  ),
  /** By unit, over `n`; a unit that is not listed is said by the number itself. */
  units: z.record(z.string(), z.string()),
  values: z.strictObject({ true: sentence, false: sentence, null: sentence }),
  tally: z.strictObject({ crit: count, warn: count, info: count, separator: z.string() }),
  /** What a verdict's summary says when there is no verdict. */
  unknown: sentence,
  progress: z.strictObject({
    connecting: sentence,
    sampling: sentence,
    waiting: sentence,
    judging: sentence,
    soFar: sentence,
    soFarNothing: sentence,
  }),
  hosts: z.strictObject({
    head: z.strictObject({ host: sentence, login: sentence, via: sentence, groups: sentence }),
    none: sentence,
  }),
  access: z.strictObject({
    loggedIn: sentence,
    all: sentence,
    most: sentence,
    ownProcesses: sentence,
    changes: sentence,
  }),
  trust: z.strictObject({
    offers: sentence,
    trusted: sentence,
    unknown: sentence,
    compare: sentence,
    confirm: sentence,
    added: sentence,
    notAdded: sentence,
    nothingNew: sentence,
    noTerminal: sentence,
  }),
  doctor: z.strictObject({
    marks: z.strictObject({ fine: sentence, broken: sentence, unchecked: sentence }),
    summary: sentence,
    configuration: judged,
    'bot-token': judged,
    scopes: judged,
    'app-token': judged,
    'signing-secret': judged,
    redis: judged,
    workers: judged,
    records: judged,
    host: judged,
    changes: judged,
  }),
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
