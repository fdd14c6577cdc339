/** Facts as a record holds them: what is kept was written by us, and may have been touched since. */
import { z } from 'zod';
import { UNITS } from '#domain/fact.ts';

const LONGEST_NAME = 512;

const name = z.string().max(LONGEST_NAME);
const text = z.string();

const scalar = z.object({
  value: z.union([z.number(), text, z.boolean(), z.null()]),
  unit: z.enum(UNITS),
  from: text,
});
const rows = z.object({ rows: z.array(z.record(name, scalar)), from: text });

export const facts = z.record(name, z.union([scalar, rows]));

export const measures = z.record(name, scalar);
