/** The shapes of facts, plans and proposals, as reports and changes hold them. */
import { z } from 'zod';
import type { Unit } from '#domain/fact.ts';
import { UNREADY } from '#domain/helper-state.ts';
import { RISKS } from '#domain/plan.ts';
import { REASON_CODES } from '#domain/reading.ts';
import { count, text, word } from './shapes.ts';

const UNITS = [
  'sockets',
  'ports',
  'connections',
  'packets',
  'entries',
  'descriptors',
  'processes',
  'threads',
  'pages',
  'events',
  'ratio',
  'per-second',
  'seconds',
  'milliseconds',
  'bytes',
  'setting',
  'none',
] as const satisfies readonly Unit[];

const scalar = z.object({
  value: z.union([z.number(), text, z.boolean(), z.null()]),
  unit: z.enum(UNITS),
  from: text,
});
const rows = z.object({ rows: z.array(z.record(word, scalar)), from: text });
export const facts = z.record(word, z.union([scalar, rows]));
export const reason = z.object({ code: z.enum(REASON_CODES), what: text, reading: text.exactOptional() });

export const measures = z.record(word, scalar);
/** Far more than there are sysctls that a change may write. */
const MOST_STEPS = 50;

const step = z.object({
  key: word,
  from: text,
  to: text,
  scope: z.enum(['netns', 'host']),
  files: z.array(z.object({ file: text, line: count, value: text })),
  needs: z.array(word).max(MOST_STEPS).optional(),
});
/** Which steps make which safe was not written down before: then all do, and the plan is taken whole or not at all. */
const steps = z
  .array(step)
  .max(MOST_STEPS)
  .transform((all) =>
    all.map(({ needs, ...rest }) => ({
      ...rest,
      needs: needs ?? all.map(({ key }) => key).filter((key) => key !== rest.key),
    })),
  );
const goal = z.object({
  number: word,
  wants: z.enum(['at-most', 'above']),
  value: z.number(),
  within: z.number(),
});
export const plan = z.object({
  fix: word,
  host: word,
  netns: word.nullable(),
  kernel: text,
  risk: z.enum(RISKS),
  steps,
  facts,
  goals: z.array(goal),
  before: measures,
});
const unready = z.object({ why: z.enum(UNREADY), has: text, needs: text });
export const proposal = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('plan'), plan, cures: z.array(word), unready: unready.nullable().exactOptional() }),
  z.object({ kind: z.literal('refused'), fix: word, why: word, facts }),
  z.object({ kind: z.literal('unknown'), fix: word, reason }),
]);
