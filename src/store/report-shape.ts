/** The shape of a report, and of what is kept with it. */
import { z } from 'zod';
import { REASON_CODES } from '#domain/reading.ts';
import { FAILURES } from '#domain/report.ts';
import { facts } from '#kinds/fact-shape.ts';
import { proposal, reason } from './proposal-shape.ts';
import { actor, count, moment, runId, text, word } from './shapes.ts';

export const checkFailure = z.object({
  kind: z.enum(FAILURES),
  details: z.record(word, z.union([text, z.number()])),
});
const severity = z.enum(['crit', 'warn', 'info']);
const verdict = z.discriminatedUnion('kind', [
  z.object({
    id: word,
    kind: z.literal('found'),
    severity,
    facts,
    causedBy: word.nullable(),
  }),
  z.object({ id: word, kind: z.literal('ruled-out'), facts }),
  z.object({ id: word, kind: z.literal('unknown'), reason }),
]);
const sample = z.union([z.literal(1), z.literal(2)]);

export const report = z.object({
  host: word,
  hostKey: text.nullable().default(null),
  startedAt: moment,
  interval: z.number(),
  samples: sample,
  kernel: text.nullable(),
  distribution: text.nullable(),
  verdicts: z.array(verdict),
  unreadable: z.array(z.object({ source: word, sample, code: z.enum(REASON_CODES), what: text })),
  interruption: checkFailure.nullable(),
  drift: z.object({ change: word, seconds: count }).nullable().default(null),
});

const comparableVerdict = z.discriminatedUnion('kind', [
  z.object({ id: word, kind: z.literal('found'), severity }),
  z.object({ id: word, kind: z.enum(['ruled-out', 'unknown']) }),
]);
const comparable = z.object({ startedAt: moment, kernel: text.nullable(), verdicts: z.array(comparableVerdict) });

/** Of a stored report, what another is compared with: its facts are most of it. */
export const storedComparable = z.object({ id: runId, report: comparable });
export const storedReport = z.object({ id: runId, report, actor, proposals: z.array(proposal).optional() });
