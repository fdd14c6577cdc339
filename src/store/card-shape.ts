/** The shapes of a run and of a card, as hashes of Redis hold them: text, some of it JSON. */
import { z } from 'zod';
import type { Card } from '#domain/card.ts';
import type { Check } from '#domain/check.ts';
import { LANGUAGES } from '#domain/language.ts';
import { readJson } from './read-json.ts';
import { checkFailure } from './report-shape.ts';
import { actor, changeId, count, countText, momentText, runId, subject, text, word } from './shapes.ts';

const json = z.string().transform(readJson);
const orNull = word.transform((value) => value || null);

const notices = z.array(z.object({ code: word, details: z.record(word, text) }));
const askedFor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('proposed'), change: changeId, warnings: notices }),
  z.object({ kind: z.literal('refused'), why: notices }),
]);

const next = z.object({
  kind: z.literal('kernel'),
  key: word,
  seconds: count,
  builder: word,
  config: z.enum(['running', 'modules']),
  url: word.nullable(),
  reason: text,
  actor,
  userGroups: z.array(word),
  place: z.object({ channel: word, thread: word.nullable() }).nullable(),
});

const runState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('queued') }),
  z.object({
    kind: z.literal('running'),
    stage: z.enum(['connecting', 'first-sample', 'second-sample', 'judging']),
  }),
  // Those that are there already were of nothing but a check.
  z.object({ kind: z.literal('reported'), asked: askedFor.nullable().default(null) }),
  z.object({ kind: z.literal('failed'), failure: checkFailure }),
  z.object({ kind: z.literal('cancelled'), by: actor }),
  z.object({ kind: z.literal('lost'), why: z.enum(['no-worker', 'worker-gone', 'deadline']) }),
]);

export const runFields = z
  .object({
    id: runId,
    host: word,
    interval: countText,
    actor: json.pipe(actor),
    askedAt: momentText,
    deadline: momentText,
    state: json.pipe(runState),
    ended: z.enum(['0', '1']),
    attempt: countText,
    revision: countText,
    next: json.pipe(next).optional(),
  })
  .refine(({ state, ended }) => (ended === '0') === (state.kind === 'queued' || state.kind === 'running'), {
    path: ['ended'],
    error: 'does not go with the state',
  })
  .transform(({ ended, next: wanted, ...run }): Check => ({ ...run, next: wanted ?? null }));

export const cardFields = z
  .object({
    id: word.min(1),
    subject: json.pipe(subject),
    channel: word.min(1),
    thread: orNull,
    language: z.enum(LANGUAGES),
    askedBy: word,
    message: orNull,
    shown: z
      .string()
      .regex(/^(?:-1|\d{1,15})$/, { error: 'is no revision' })
      .transform(Number),
    // Cards that are there already have none.
    progress: word.default(''),
    told: json.pipe(z.array(word)),
  })
  .transform(({ channel, thread, ...card }): Card => ({ ...card, place: { channel, thread } }));
