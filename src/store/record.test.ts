import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import type { StoredReport } from '#app/check-ports.ts';
import { canBeBound } from '#change/bound.ts';
import type { Card } from '#domain/card.ts';
import { type Change, type OrderedFreeze, REMARKS, REVERT_REASONS, WISHES } from '#domain/change.ts';
import type { Check, CheckId } from '#domain/check.ts';
import { UNREADY } from '#domain/helper-state.ts';
import type { Plan } from '#domain/plan.ts';
import { FAILURES } from '#domain/report.ts';
import { KINDS } from '../../test/bot/change-samples.ts';
import { anyText } from '../../test/hostile/any-text.ts';
import type { cardFields, runFields } from './card-shape.ts';
import { type changeShape, freeze as freezeShape, readChange } from './change-shape.ts';
import { parseJsonRecord, parseRecord, VERSION } from './record.ts';
import { encodeReport, parseReport } from './report-codec.ts';
import type { storedReport } from './report-shape.ts';

/** The same without `readonly`: zod makes plain lists. */
type Plain<T> = T extends string | number | boolean | null | undefined | Date
  ? T
  : { -readonly [K in keyof T]: Plain<T[K]> };

it('a shape is exactly what the domain says: a field that is new there must be read here', () => {
  expectTypeOf<z.output<typeof changeShape>>().toExtend<Change>();
  expectTypeOf<Omit<Plain<Change>, 'plan'>>().toExtend<Omit<z.output<typeof changeShape>, 'plan'>>();
  expectTypeOf<z.output<typeof storedReport>>().toExtend<StoredReport>();
  expectTypeOf<Plain<StoredReport>>().toExtend<z.output<typeof storedReport>>();
  expectTypeOf<Plain<OrderedFreeze>>().toExtend<z.output<typeof freezeShape>>();
  expectTypeOf<z.output<typeof runFields>>().toEqualTypeOf<Check>();
  expectTypeOf<z.output<typeof cardFields>>().toExtend<Card>();
  expectTypeOf<Plain<Card>>().toExtend<z.output<typeof cardFields>>();
});

const id = fc.stringMatching(/^[a-z2-7]{8}$/) as fc.Arbitrary<never>;
const text = anyText({ maxLength: 30 });
/** What people's approvals are bound to. */
const bound = text.filter(canBeBound);
const boundValue = text.filter((each) => each === '' || canBeBound(each));
const at = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const actor = fc.record({ surface: fc.constantFrom('slack', 'cli', 'web'), id: text });
/** zod leaves this name out, wherever it stands: nothing of ours is called so. */
const name = text.filter((each) => each !== '__proto__');
const scalar = fc.record({
  value: fc.oneof(number, text, fc.boolean(), fc.constant(null)),
  unit: fc.constantFrom('sockets', 'ratio', 'none'),
  from: text,
});
const facts = fc.dictionary(
  name,
  fc.oneof(scalar, fc.record({ rows: fc.array(fc.dictionary(name, scalar), { maxLength: 3 }), from: text })),
  { noNullPrototype: true, maxKeys: 4 },
);
const orNull = <T>(each: fc.Arbitrary<T>) => fc.option(each, { nil: null });
const wish = orNull(fc.record({ what: fc.constantFrom(...WISHES), by: actor, at }));
const kind = <K extends string, T>(value: K, fields: { [N in keyof T]: fc.Arbitrary<T[N]> }) =>
  fc.record({ kind: fc.constant(value), ...fields });

const plan = fc.record({
  fix: bound,
  host: bound,
  netns: orNull(bound),
  kernel: text,
  risk: fc.constantFrom('low', 'medium', 'high'),
  steps: fc.array(
    fc.record({
      key: bound,
      from: boundValue,
      to: boundValue,
      scope: fc.constantFrom('netns', 'host'),
      files: fc.array(fc.record({ file: text, line: fc.nat(), value: text }), { maxLength: 2 }),
      needs: fc.array(text, { maxLength: 2 }),
    }),
    { maxLength: 3 },
  ),
  facts,
  goals: fc.array(
    fc.record({ number: text, wants: fc.constantFrom('at-most', 'above'), value: number, within: number }),
    { maxLength: 2 },
  ),
  before: fc.dictionary(name, scalar, { noNullPrototype: true, maxKeys: 3 }),
});
const dropped = orNull(
  fc.record(
    { what: fc.constantFrom('keep', 'revert', 'extend'), by: actor, at, why: text },
    { requiredKeys: ['what', 'by', 'at'] },
  ),
);
const remarks = fc.array(fc.record({ what: fc.constantFrom(...REMARKS), key: text, value: text }), { maxLength: 2 });
const how = <K extends string, T>(value: K, fields: { [N in keyof T]: fc.Arbitrary<T[N]> }) =>
  fc.record({ how: fc.constant(value), ...fields });
const end = fc.oneof(
  how('done', { by: orNull(actor), remarks }),
  how('undone', { by: orNull(actor), why: fc.constantFrom(...REVERT_REASONS), remarks }),
  how('denied', { by: actor, reason: text }),
  how('withdrawn', { by: actor }),
  how('expired', {}),
  how('superseded', { by: id }),
  how('failed', { failure: fc.record({ code: text, detail: text }) }),
  how('abandoned', { by: actor, why: text }),
);
const gateIndex = fc.constantFrom(0, 1);
const state = fc.oneof(
  kind('waiting', { at, gate: gateIndex, reverts: orNull(at), wish, dropped }),
  kind('queued', { at, gate: gateIndex, reverts: orNull(at), holder: orNull(id), away: orNull(name) }),
  kind('working', { at, gate: gateIndex, reverts: orNull(at), wish, running: fc.boolean() }),
  kind('unclear', { at, gate: gateIndex, why: text, wish, began: fc.boolean() }),
  kind('ended', { at, end }),
);
const approval = fc.record({
  by: actor,
  at,
  hash: text,
  signature: orNull(text),
  userGroups: fc.array(text, { maxLength: 2 }),
});
const gate = fc.record({
  name: bound,
  host: bound,
  hostKey: orNull(bound),
  needs: fc.record({ approvals: fc.nat(), outside: fc.boolean() }),
  artefact: orNull(bound),
  expiresMinutes: orNull(fc.nat()),
  expiresAt: orNull(at),
  approvals: fc.array(approval, { maxLength: 2 }),
});
const change = fc.record({
  id,
  kind: fc.constant('sysctl'),
  host: bound,
  run: id,
  plan,
  reverts: orNull(id),
  gates: fc.array(gate, { minLength: 2, maxLength: 3 }),
  revertMinutes: fc.nat(),
  expiresMinutes: fc.nat(),
  reason: text,
  requester: fc.record({ surface: fc.constantFrom('slack', 'cli', 'web'), id: bound }),
  proposedAt: at,
  breakGlass: fc.boolean(),
  review: orNull(fc.record({ reminders: fc.nat(), done: orNull(fc.record({ by: actor, at })) })),
  proofs: fc.array(
    fc.record({
      at,
      before: fc.constant(null),
      after: fc.dictionary(name, scalar, { noNullPrototype: true, maxKeys: 3 }),
      verdict: fc.constantFrom('cured', 'better', 'no-effect', 'worse', 'unknown'),
    }),
    { maxLength: 2 },
  ),
  state,
  revision: fc.nat(),
}) as fc.Arbitrary<Change & { readonly plan: Plan }>;

const reason = fc.record(
  { code: fc.constantFrom('absent', 'too-slow'), what: text, reading: text },
  {
    requiredKeys: ['code', 'what'],
  },
);
const verdict = fc.oneof(
  kind('found', { id: text, severity: fc.constantFrom('crit', 'warn', 'info'), facts, causedBy: orNull(text) }),
  kind('ruled-out', { id: text, facts }),
  kind('unknown', { id: text, reason }),
);
const sample = fc.constantFrom(1, 2);
const report = fc.record({
  host: text,
  hostKey: orNull(text),
  startedAt: at,
  interval: fc.nat(),
  samples: sample,
  kernel: orNull(text),
  distribution: orNull(text),
  verdicts: fc.array(verdict, { maxLength: 4 }),
  unreadable: fc.array(fc.record({ source: text, sample, code: fc.constantFrom('absent', 'too-slow'), what: text }), {
    maxLength: 2,
  }),
  drift: orNull(fc.record({ change: text, seconds: fc.nat() })),
  interruption: orNull(
    fc.record({
      kind: fc.constantFrom(...FAILURES),
      details: fc.dictionary(name, fc.oneof(text, number), { noNullPrototype: true, maxKeys: 3 }),
    }),
  ),
});
const unready = orNull(fc.record({ why: fc.constantFrom(...UNREADY), has: text, needs: text }));
const proposal = fc.oneof(
  kind('plan', { plan, cures: fc.array(text, { maxLength: 2 }), unready }),
  kind('refused', { fix: text, why: text, facts }),
  kind('unknown', { fix: text, reason }),
);
const stored = fc.record(
  { id, report, actor, proposals: fc.array(proposal, { maxLength: 3 }) },
  { requiredKeys: ['id', 'report', 'actor'] },
) as fc.Arbitrary<StoredReport>;

describe('what is written is what is read', () => {
  it('of any change', () => {
    fc.assert(
      fc.property(change, (value) => {
        const whole = { ...value, plan: { ...value.plan, host: value.host } };
        const written = JSON.stringify({ version: VERSION, ...whole });
        expect(readChange(written, KINDS)).toEqual({ kind: 'good', value: whole });
      }),
      { numRuns: 100 },
    );
  });

  it('of any report', () => {
    fc.assert(
      fc.property(stored, (value) => {
        expect(parseReport(value.id, encodeReport(value))).toEqual({ kind: 'good', value });
      }),
      { numRuns: 100 },
    );
  });

  it('of any freeze', () => {
    fc.assert(
      fc.property(fc.record({ group: text, by: text, since: at }), (value) => {
        const written = JSON.stringify({ version: VERSION, ...value });
        expect(parseJsonRecord(freezeShape, written)).toEqual({ kind: 'good', value });
      }),
    );
  });
});

describe('what has another shape', () => {
  const freeze = { version: VERSION, group: 'web', by: 'U1', since: '2026-11-30T08:00:00.000Z' };

  it('is never thrown at, whatever it is, and is good only when it is of that shape', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue()), (value) => {
        expect(readChange(JSON.stringify(value) ?? '', KINDS).kind).not.toBe('good');
        expect(parseRecord(freezeShape, value).kind).not.toBe('good');
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(readChange(text, KINDS).kind).not.toBe('good');
        expect(parseReport('aaaaaaaa' as CheckId, Buffer.from(text)).kind).toBe('bad');
      }),
    );
  });

  it('says where', () => {
    expect(parseRecord(freezeShape, { ...freeze, since: 'yesterday' })).toEqual({
      kind: 'bad',
      why: 'since: is no time',
    });
    expect(parseRecord(freezeShape, null)).toEqual({ kind: 'bad', why: 'it is no record' });
  });

  it.each(['2026-02-30T25:00:00.000Z', '2026-11-30', '1764492000000', '+012026-11-30T08:00:00.000Z', ''])(
    'has no date in %j',
    (since) => {
      expect(parseRecord(freezeShape, { ...freeze, since }).kind).toBe('bad');
    },
  );

  it('has no prototype of its own', () => {
    const text = `{"__proto__":{"group":"web"},"by":"U1","since":"${freeze.since}"}`;
    expect(parseJsonRecord(freezeShape, text).kind).toBe('bad');
  });

  it('of a later version is not judged, of none is of the first', () => {
    expect(parseRecord(freezeShape, { version: VERSION + 1 })).toEqual({ kind: 'newer', version: VERSION + 1 });
    const { version: _, ...first } = freeze;
    expect(parseRecord(freezeShape, first).kind).toBe('good');
    for (const version of ['2', 0, -1, 1.5, null, [], Number.NaN])
      expect(parseRecord(freezeShape, { ...freeze, version }).kind, String(version)).toBe('bad');
  });
});
