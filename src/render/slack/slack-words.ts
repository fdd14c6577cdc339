/** The words the bot speaks in Slack, one file a language: templates/slack.<language>.yaml. Handlebars over the names in braces. */
import { z } from 'zod';
import { wordsParser } from '#render/words-parser.ts';

const sentence = z.string().min(1);
const said = z.strictObject({ message: sentence, next: sentence });

/** Everything that keeps a person from what they asked for; each is one sentence with what to do next, in private. */
export const PROBLEMS = [
  'store-down',
  'store-broken',
  'unknown-host',
  'guest',
  'bot',
  'deactivated',
  'other-organisation',
  'not-in-channel',
  'unknown-run',
  'already-ended',
  'expired-offer',
  'already-checked-here',
  'unexpected',
] as const;

export type Problem = (typeof PROBLEMS)[number];

const schema = z.strictObject({
  card: z.strictObject({
    queued: sentence,
    connecting: sentence,
    firstSample: sentence,
    secondSample: sentence,
    judging: sentence,
    found: sentence,
    nothing: sentence,
    nothingOfWhatCouldBeChecked: sentence,
    nothingYet: sentence,
    failed: sentence,
    cancelled: sentence,
    cancelledBy: sentence,
    kernel: sentence,
    preliminary: sentence,
    explains: sentence,
    more: sentence,
    cut: sentence,
    ruledOut: sentence,
    unknown: sentence,
    unknownBecause: sentence,
    runbook: sentence,
    report: sentence,
    twoSamples: sentence,
    oneSample: sentence,
    askedBy: sentence,
    sharedWith: sentence,
  }),
  lost: z.strictObject({ 'no-worker': said, 'worker-gone': said, deadline: said }),
  changes: z.strictObject({
    since: sentence,
    same: sentence,
    appeared: sentence,
    gone: sentence,
    unknownNow: sentence,
    changed: sentence,
    kernel: sentence,
    separator: z.string(),
  }),
  thread: z.strictObject({
    toDo: sentence,
    explains: sentence,
    omitted: sentence,
    omittedWithoutFile: sentence,
    file: sentence,
  }),
  buttons: z.strictObject({ cancel: sentence, again: sentence, full: sentence, check: sentence }),
  confirmCancel: z.strictObject({ title: sentence, text: sentence, confirm: sentence, deny: sentence }),
  offers: z.strictObject({ near: sentence, group: sentence, more: sentence }),
  help: z.strictObject({ intro: sentence, outro: sentence }),
  /** By verb: what to type and what for, and the sentences that only this command says. */
  commands: z.record(
    z.string(),
    z.strictObject({
      help: z.array(z.tuple([sentence, sentence])).min(1),
      says: z.record(z.string(), sentence).default({}),
    }),
  ),
  hosts: z.strictObject({ title: sentence, none: sentence, ungrouped: sentence, more: sentence }),
  status: z.strictObject({
    title: sentence,
    none: sentence,
    line: sentence,
    counts: sentence,
    noWorker: sentence,
    stages: z.strictObject({
      queued: sentence,
      connecting: sentence,
      'first-sample': sentence,
      'second-sample': sentence,
      judging: sentence,
    }),
  }),
  cancelled: sentence,
  explain: z.strictObject({ title: sentence, read: sentence, more: sentence, whole: sentence, terminal: sentence }),
  home: z.strictObject({
    intro: sentence,
    mine: sentence,
    noneMine: sentence,
    running: sentence,
    noneRunning: sentence,
    recent: sentence,
    noneRecent: sentence,
    line: sentence,
  }),
  modal: z.strictObject({
    title: sentence,
    submit: sentence,
    close: sentence,
    host: sentence,
    hostHint: sentence,
    interval: sentence,
    seconds: sentence,
    conversation: sentence,
    inThread: sentence,
  }),
  problems: z.strictObject(
    Object.fromEntries(PROBLEMS.map((problem) => [problem, sentence])) as Record<Problem, typeof sentence>,
  ),
});

export type SlackWords = z.infer<typeof schema>;

export const parseSlackWords = wordsParser(schema);
