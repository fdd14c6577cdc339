/** The shapes of proposals, as reports hold them. */
import { z } from 'zod';
import { UNREADY } from '#domain/helper-state.ts';
import { REASON_CODES } from '#domain/reading.ts';
import { facts } from '#kinds/fact-shape.ts';
import { planShape } from '#kinds/sysctl/plan.ts';
import { text, word } from './shapes.ts';

export const reason = z.object({ code: z.enum(REASON_CODES), what: text, reading: text.exactOptional() });
const unready = z.object({ why: z.enum(UNREADY), has: text, needs: text });
export const proposal = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('plan'),
    plan: planShape,
    cures: z.array(word),
    unready: unready.nullable().exactOptional(),
  }),
  z.object({ kind: z.literal('refused'), fix: word, why: word, facts }),
  z.object({ kind: z.literal('unknown'), fix: word, reason }),
]);
