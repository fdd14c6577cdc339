/** The shape of a change: dates are dates here, by their place and not by their name. The plan is its kind's to read. */
import { z } from 'zod';
import { canBindPlan } from '#change/bound.ts';
import type { Kinds } from '#change/kind.ts';
import { progressLine } from '#change/progress.ts';
import { type Change, REMARKS, REVERT_REASONS, WISHES } from '#domain/change.ts';
import { RISKS } from '#domain/plan.ts';
import { measures } from '#kinds/fact-shape.ts';
import { bad, type Parsed, parseJsonRecord, VERSION } from './record.ts';
import { actor, boundWord, changeId, count, countText, moment, momentText, runId, text, word } from './shapes.ts';

const wish = z.object({ what: z.enum(WISHES), by: actor, at: moment }).nullable();
const dropped = z.object({ what: word, by: actor, at: moment, why: z.exactOptional(text) }).nullable();
const remarks = z.array(z.object({ what: z.enum(REMARKS), key: word, value: text }));
const reverts = moment.nullable();

const end = z.discriminatedUnion('how', [
  z.object({ how: z.literal('done'), by: actor.nullable(), remarks }),
  z.object({ how: z.literal('undone'), by: actor.nullable(), why: z.enum(REVERT_REASONS), remarks }),
  z.object({ how: z.literal('denied'), by: actor, reason: text }),
  z.object({ how: z.literal('withdrawn'), by: actor }),
  z.object({ how: z.literal('expired') }),
  z.object({ how: z.literal('superseded'), by: changeId }),
  z.object({ how: z.literal('failed'), failure: z.object({ code: text, detail: text }) }),
  z.object({ how: z.literal('abandoned'), by: actor, why: text }),
]);

const state = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('waiting'), at: moment, gate: count, reverts, wish, dropped }),
  z.object({
    kind: z.literal('queued'),
    at: moment,
    gate: count,
    reverts,
    holder: changeId.nullable(),
    away: word.nullable().default(null),
  }),
  z.object({ kind: z.literal('working'), at: moment, gate: count, reverts, wish, running: z.boolean() }),
  z.object({ kind: z.literal('unclear'), at: moment, gate: count, why: text, wish, began: z.boolean() }),
  z.object({ kind: z.literal('ended'), at: moment, end }),
]);

const approval = z.object({
  by: actor,
  at: moment,
  hash: word,
  signature: word.nullable(),
  userGroups: z.array(word),
});
const gate = z.object({
  name: boundWord,
  host: boundWord,
  hostKey: boundWord.nullable(),
  needs: z.object({ approvals: count, outside: z.boolean() }),
  artefact: boundWord.nullable(),
  expiresMinutes: count.nullable().default(null),
  expiresAt: moment.nullable(),
  approvals: z.array(approval),
});
const proof = z.object({
  at: moment,
  before: measures.nullable().default(null),
  after: measures,
  verdict: z.enum(['cured', 'better', 'no-effect', 'worse', 'unknown']),
});

export const changeShape = z
  .object({
    id: changeId,
    kind: word,
    host: boundWord,
    run: runId,
    plan: z.looseObject({ host: word, risk: z.enum(RISKS) }),
    reverts: changeId.nullable(),
    gates: z.array(gate).min(1),
    revertMinutes: count,
    expiresMinutes: count,
    reason: text,
    requester: actor.extend({ id: boundWord }),
    proposedAt: moment,
    breakGlass: z.boolean(),
    review: z.object({ reminders: count, done: z.object({ by: actor, at: moment }).nullable() }).nullable(),
    proofs: z.array(proof),
    state,
    revision: count,
  })
  .refine(({ state, gates }) => state.kind === 'ended' || state.gate < gates.length, {
    path: ['state', 'gate'],
    error: 'is no gate of it',
  });

/** One of a kind that is not there may be of a newer tcp-oncall, as one of a newer version is. */
export function readChange(json: string, kinds: Kinds): Parsed<Change> {
  const parsed = parseJsonRecord(changeShape, json);
  if (parsed.kind !== 'good') return parsed;
  const kind = kinds.get(parsed.value.kind);
  if (kind === undefined) return { kind: 'newer', version: VERSION };
  const read = kind.readPlan(parsed.value.plan);
  if ('why' in read) return bad(read.why);
  if (read.plan.host !== parsed.value.host) return bad('plan.host: is another host');
  if (!canBindPlan(kind, read.plan)) return bad('plan: cannot be bound');
  return { kind: 'good', value: { ...parsed.value, plan: read.plan } };
}

export const freeze = z.object({ group: word, by: word, since: moment });

/** What a host said of work under way, in a hash. */
export const progress = z.object({
  line: word.transform(progressLine),
  silentSince: z.union([z.literal('').transform(() => null), momentText]).default(null),
});

/** A hash, whose end is the key's own. */
export const hostLock = z.object({ change: changeId, token: countText, since: momentText });
