/** The cases of a diagnosis: recorded readings and the verdict they must get. */
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseSamples, type RawSamples } from '#app/judge-samples.ts';
import { readRecording } from '#app/recording.ts';
import type { Diagnosis } from '#diagnosis/diagnosis.ts';
import { judgeOne } from '#diagnosis/engine.ts';
import type { Evidence } from '#domain/evidence.ts';
import type { Facts } from '#domain/fact.ts';
import type { Verdict } from '#domain/verdict.ts';
import { SOURCES } from '#evidence/sources.ts';

const factValue = z.union([z.number(), z.string(), z.boolean(), z.null()]);

const expected = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('found'),
    severity: z.enum(['crit', 'warn', 'info']),
    /** Some of the facts' values; numbers that are not whole are compared to three digits. Rows are a list of objects. */
    facts: z.record(z.string(), z.union([factValue, z.array(z.record(z.string(), factValue))])),
  }),
  z.strictObject({
    kind: z.literal('ruled-out'),
    facts: z.record(z.string(), z.union([factValue, z.array(z.record(z.string(), factValue))])).optional(),
  }),
  z.strictObject({ kind: z.literal('unknown'), reason: z.string(), reading: z.string().optional() }),
]);

export type Expected = z.infer<typeof expected>;

const RUNBOOKS = new URL('../../runbooks/', import.meta.url);

export function caseNames(id: string): readonly string[] {
  try {
    return readdirSync(new URL(`${id}/cases/`, RUNBOOKS)).toSorted();
  } catch {
    return [];
  }
}

/** Throws with the path when expected.json is missing or has another shape. */
export function expectedOf(id: string, name: string): Expected {
  const url = new URL(`${id}/cases/${name}/expected.json`, RUNBOOKS);
  const parsed = expected.safeParse(JSON.parse(readFileSync(url, 'utf8')));
  if (!parsed.success) throw new Error(`runbooks/${id}/cases/${name}/expected.json: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

export async function rawSamplesOf(id: string, name: string): Promise<RawSamples> {
  return (await readRecording(new URL(`${id}/cases/${name}`, RUNBOOKS).pathname)).samples;
}

const parsed = new Map<string, Promise<Evidence>>();

/** Read once, whoever asks: nobody may change it. */
export function evidenceOf(id: string, name: string): Promise<Evidence> {
  const known = parsed.get(`${id}/${name}`) ?? rawSamplesOf(id, name).then((samples) => parseSamples(samples, SOURCES));
  parsed.set(`${id}/${name}`, known);
  return known;
}

/** A case's raw readings that the parser of their source cannot read: a broken sample, unless the case is about that. */
export function garbledIn(evidence: Evidence): readonly string[] {
  return evidence.samples.flatMap(({ readings }, index) =>
    Object.entries(readings).flatMap(([source, reading]) =>
      reading.kind === 'garbled' ? [`${index + 1}/${source}.txt: ${reading.reason.what}`] : [],
    ),
  );
}

/** What the engine says, in the shape of expected.json, narrowed to what `expected` names. */
export function verdictLike(expected: Expected, diagnosis: Diagnosis, evidence: Evidence): unknown {
  const verdict = judgeOne(diagnosis, evidence);
  if (verdict.kind === 'unknown') return unknownLike(expected, verdict);
  const facts = valuesOf(verdict.facts);
  const wanted = 'facts' in expected && expected.facts !== undefined ? Object.keys(expected.facts) : undefined;
  const shown = wanted && { facts: Object.fromEntries(wanted.map((name) => [name, facts[name]])) };
  return verdict.kind === 'found'
    ? { kind: 'found', severity: verdict.severity, ...shown }
    : { kind: 'ruled-out', ...shown };
}

function unknownLike(expected: Expected, { reason }: Extract<Verdict, { kind: 'unknown' }>): unknown {
  const named = expected.kind === 'unknown' && expected.reading !== undefined;
  return { kind: 'unknown', reason: reason.code, ...(named && { reading: reason.reading }) };
}

function valuesOf(facts: Facts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, 'rows' in fact ? fact.rows.map(valuesOf) : fact.value]),
  );
}

/** The same with every number that is not whole rounded to three digits. */
export function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(3));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rounded(inner)]));
}
