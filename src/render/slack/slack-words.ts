/** The words the bot speaks in Slack, one file a language: templates/slack.<language>.yaml. Handlebars over the names in braces. */
import { z } from 'zod';
import { ofEach, sentence, sentences, wordsParser } from '#render/words-parser.ts';

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
  card: sentences([
    'queued',
    'connecting',
    'firstSample',
    'secondSample',
    'judging',
    'found',
    'nothing',
    'nothingOfWhatCouldBeChecked',
    'nothingYet',
    'failed',
    'cancelled',
    'cancelledBy',
    'kernel',
    'preliminary',
    'explains',
    'more',
    'cut',
    'ruledOut',
    'unknown',
    'unknownBecause',
    'runbook',
    'report',
    'twoSamples',
    'oneSample',
    'askedBy',
    'sharedWith',
  ]),
  lost: ofEach(['no-worker', 'worker-gone', 'deadline'], sentences(['message', 'next'])),
  changes: sentences(['since', 'same', 'appeared', 'gone', 'unknownNow', 'changed', 'kernel']).extend({
    separator: z.string(),
  }),
  thread: sentences(['toDo', 'explains', 'omitted', 'omittedWithoutFile', 'file']),
  buttons: sentences(['cancel', 'again', 'full', 'check']),
  confirmCancel: sentences(['title', 'text', 'confirm', 'deny']),
  offers: sentences(['near', 'group', 'more']),
  help: sentences(['intro', 'outro']),
  /** By verb: what to type and what for, and the sentences that only this command says. */
  commands: z.record(
    z.string(),
    z.strictObject({
      help: z.array(z.tuple([sentence, sentence])).min(1),
      says: z.record(z.string(), sentence).default({}),
    }),
  ),
  hosts: sentences(['title', 'none', 'ungrouped', 'more']),
  status: sentences(['title', 'none', 'line', 'counts', 'noWorker']).extend({
    stages: sentences(['queued', 'connecting', 'first-sample', 'second-sample', 'judging']),
  }),
  cancelled: sentence,
  explain: sentences(['title', 'read', 'more', 'whole', 'terminal']),
  home: sentences(['intro', 'mine', 'noneMine', 'running', 'noneRunning', 'recent', 'noneRecent', 'line']),
  modal: sentences(['title', 'submit', 'close', 'host', 'hostHint', 'interval', 'seconds', 'conversation', 'inThread']),
  /** A kernel build that somebody asks for: what the check's card and thread say of it, and the form. */
  kernel: sentences(['next', 'proposed', 'refused', 'notAsked', 'button', 'status', 'none', 'line']).extend({
    modal: sentences([
      ...(['title', 'submit', 'close', 'intro', 'host', 'hint', 'seconds'] as const),
      ...(['builder', 'config', 'running', 'modules', 'reason'] as const),
    ]),
  }),
  problems: sentences(PROBLEMS),
});

export type SlackWords = z.infer<typeof schema>;

export const parseSlackWords = wordsParser(schema);
