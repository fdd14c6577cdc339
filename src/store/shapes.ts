/** Shapes that several records share. How much a whole record may hold is bounded where it is read. */
import { z } from 'zod';
import { canBeBound } from '#change/bound.ts';
import { type ChangeId, parseChangeId } from '#domain/change.ts';
import { type CheckId, parseCheckId } from '#domain/check.ts';

const LONGEST_WORD = 512;

/** A name, an id, a code of ours. */
export const word = z.string().max(LONGEST_WORD);
/** One that people's approvals are bound to. */
export const boundWord = word.refine(canBeBound, { error: 'cannot be bound' });
/** What a person or a host said. */
export const text = z.string();
export const count = z.int().min(0);
export const runId = z.custom<CheckId>((value) => typeof value === 'string' && parseCheckId(value) !== undefined, {
  error: 'is no id of a run',
});
export const changeId = z.custom<ChangeId>((value) => typeof value === 'string' && parseChangeId(value) !== undefined, {
  error: 'is no id of a change',
});
/** What a card shows, and a task is about. */
export const subject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('check'), id: runId }),
  z.object({ kind: z.literal('change'), id: changeId }),
]);
export const actor = z.object({ surface: z.enum(['slack', 'cli', 'web']), id: word });

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** JSON has no dates: as `toISOString` writes them, of four-digit years. */
export const moment = z
  .string()
  .refine((value) => MOMENT.test(value) && !Number.isNaN(Date.parse(value)), { error: 'is no time' })
  .transform((value) => new Date(value));

const LAST_MOMENT = Date.UTC(10_000, 0, 1);

/** Hashes of Redis hold text alone. */
export const countText = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'is no whole number' })
  .transform(Number);
export const momentText = countText
  .refine((value) => value < LAST_MOMENT, { error: 'is no time' })
  .transform((value) => new Date(value));
