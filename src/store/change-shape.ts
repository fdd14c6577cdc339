/** The shape of a change: dates are dates here, by their place and not by their name. */
import { z } from 'zod';
import { REMARKS } from '#domain/change.ts';
import { measures, plan } from './plan-shape.ts';
import { actor, changeId, count, countText, moment, momentText, runId, text, word } from './shapes.ts';

const want = z.object({ what: z.enum(['keep', 'revert', 'extend']), by: actor, at: moment });
const wanted = want.nullable();
const dropped = want.extend({ why: z.exactOptional(text) }).nullable();
/** None in what a version before them has written. */
const remarks = z.exactOptional(z.array(z.object({ what: z.enum(REMARKS), key: word, value: text })));
const byKey = z.record(word, text);

const state = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('proposed') }),
  z.object({ kind: z.literal('approved'), at: moment }),
  z.object({ kind: z.literal('applying'), at: moment }),
  z.object({ kind: z.literal('on-trial'), at: moment, until: moment, wanted, dropped }),
  z.object({ kind: z.literal('kept'), at: moment, by: actor.nullable(), shadowed: byKey, wanted, dropped, remarks }),
  z.object({
    kind: z.literal('reverted'),
    at: moment,
    by: actor.nullable(),
    why: z.enum(['person', 'timer', 'reboot', 'interrupted', 'failed']),
    conflicts: byKey,
    remarks,
  }),
  z.object({ kind: z.literal('denied'), at: moment, by: actor, reason: text }),
  z.object({ kind: z.literal('withdrawn'), at: moment, by: actor }),
  z.object({ kind: z.literal('expired'), at: moment }),
  z.object({ kind: z.literal('superseded'), at: moment, by: changeId }),
  z.object({ kind: z.literal('failed'), at: moment, failure: z.object({ code: text, detail: text }) }),
  z.object({ kind: z.literal('outcome-unknown'), at: moment, why: text, wanted, began: z.boolean() }),
  z.object({ kind: z.literal('abandoned'), at: moment, by: actor, why: text }),
]);

const approval = z.object({
  by: actor,
  at: moment,
  hash: word,
  signature: word.nullable(),
  userGroups: z.array(word),
});
const proof = z.object({
  at: moment,
  after: measures,
  verdict: z.enum(['cured', 'better', 'no-effect', 'worse', 'unknown']),
});

export const change = z.object({
  id: changeId,
  host: word,
  run: runId,
  plan,
  hash: word,
  revertMinutes: count,
  reason: text,
  requester: actor,
  proposedAt: moment,
  expiresAt: moment,
  needs: z.object({ approvals: count, outside: z.boolean() }),
  breakGlass: z.boolean(),
  review: z.object({ reminders: count, done: z.object({ by: actor, at: moment }).nullable() }).nullable(),
  approvals: z.array(approval),
  proofs: z.array(proof),
  state,
  revision: count,
});

export const freeze = z.object({ group: word, by: word, since: moment });

/** A hash, whose end is the key's own. */
export const hostLock = z.object({ change: changeId, token: countText, since: momentText });
