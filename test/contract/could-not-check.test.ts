/** What could not be checked is never healthy: whatever reading a rule looks up, losing it rules nothing out. */
import { describe, expect, it } from 'vitest';
import { loadDiagnoses } from '#catalogue.ts';
import type { Diagnosis } from '#diagnosis/diagnosis.ts';
import { judgeOne } from '#diagnosis/engine.ts';
import type { Evidence, Sample } from '#domain/evidence.ts';
import { type Reading, read, unreadable } from '#domain/reading.ts';
import { caseNames, evidenceOf } from './cases.ts';

const diagnoses = await loadDiagnoses();
const hosts = await Promise.all(
  diagnoses.flatMap(({ id }) =>
    caseNames(id).map(async (name) => ({ host: `${id}/${name}`, evidence: await evidenceOf(id, name) })),
  ),
);
const LOST = unreadable('failed', 'lost');

describe.each(diagnoses)('$id', (diagnosis) => {
  it('is not ruled out for want of a reading', () => {
    const healthy = hosts
      .filter(({ evidence }) => isOpen(diagnosis, evidence))
      .flatMap(({ host, evidence }) =>
        losses(diagnosis, evidence)
          .filter((loss) => judgeOne(diagnosis, loss.evidence).kind === 'ruled-out')
          .map(({ what }) => `${host} without ${what}`),
      );
    expect(healthy).toEqual([]);
  });
});

/** Found, or unknown for a reading that the rule judged itself; where one it needs is missing, it is never asked. */
function isOpen(diagnosis: Diagnosis, evidence: Evidence): boolean {
  const verdict = judgeOne(diagnosis, evidence);
  const needs: readonly (string | undefined)[] = [...diagnosis.needs, ...diagnosis.needsChange];
  return verdict.kind === 'found' || (verdict.kind === 'unknown' && !needs.includes(verdict.reason.reading));
}

interface Loss {
  readonly what: string;
  readonly evidence: Evidence;
}

/** The evidence without one reading the rule asks for, once for each: in the first sample, in the second, and in both. */
function losses({ needs, needsChange, uses, usesChange }: Diagnosis, { samples }: Evidence): readonly Loss[] {
  const keys = [...new Set([...needs, ...needsChange, ...uses, ...usesChange])];
  const [first, second] = samples;
  return [...new Set(['host', ...keys, ...keys.map(sourceOf)])].flatMap((key) => {
    // One counter is unknown when it went down, which takes the second sample.
    const less = key.startsWith('counter:') ? first : without(first, key);
    const last = second && without(second, key);
    const loss = (what: string, a: Sample, b = second): Loss => ({ what, evidence: { samples: b ? [a, b] : [a] } });
    return [
      ...(less === first ? [] : [loss(`${key} at first`, less)]),
      ...(last === undefined || last === second ? [] : [loss(`${key} at last`, first, last)]),
      ...(last === undefined || less === first || last === second ? [] : [loss(key, less, last)]),
    ];
  });
}

/** The same sample where it does not have the reading. */
function without(sample: Sample, key: string): Sample {
  const source = sourceOf(key);
  const reading = sample.readings[source];
  if (reading?.kind !== 'read') return sample;
  if (source === key) return replaced(sample, source, LOST);
  const values = reading.value as Readonly<Record<string, unknown>>;
  const name = key.slice(key.indexOf(':') + 1);
  if (values[name] === undefined) return sample;
  return replaced(sample, source, read({ ...values, [name]: source === 'sysctls' ? LOST : -1 }));
}

function sourceOf(key: string): string {
  if (key.startsWith('sysctl:')) return 'sysctls';
  if (!key.startsWith('counter:')) return key;
  return key.startsWith('counter:Tcp.') ? 'snmp' : 'netstat';
}

function replaced(sample: Sample, source: string, reading: Reading<unknown>): Sample {
  return { readings: { ...sample.readings, [source]: reading } };
}
