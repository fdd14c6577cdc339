/** The plan of sysctls as a record holds it: what is kept was written by us, and may have been touched since. */
import { z } from 'zod';
import { type Plan, RISKS } from '#domain/plan.ts';
import { facts, measures } from '../fact-shape.ts';

const LONGEST_WORD = 512;

const word = z.string().max(LONGEST_WORD);
const text = z.string();
const count = z.int().min(0);

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
export const planShape = z.object({
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

export function readPlan(record: unknown): { readonly plan: Plan } | { readonly why: string } {
  const parsed = planShape.safeParse(record);
  if (parsed.success) return { plan: parsed.data };
  const [first] = parsed.error.issues;
  return { why: `plan.${first?.path.join('.') ?? ''}: ${first?.message ?? ''}` };
}
