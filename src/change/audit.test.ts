import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditEntry, type AuditHead, type AuditRecord, chain, createVerifier, NOTHING_YET } from './audit.ts';

function trail(count: number): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  let head: AuditHead = NOTHING_YET;
  for (let index = 0; index < count; index++) {
    const entry: AuditEntry = {
      at: new Date(index * 1000).toISOString(),
      change: 'aaaaaaaa',
      host: 'web-01',
      event: 'approve',
      from: 'proposed',
      to: 'approved',
      actor: { surface: 'slack', id: `U${index}` },
      hash: 'f'.repeat(64),
      details: { index },
    };
    const record = chain(entry, head);
    records.push(record);
    head = record;
  }
  return records;
}

function verify(records: readonly AuditRecord[], end: AuditHead = records.at(-1) ?? NOTHING_YET) {
  const verifier = createVerifier();
  for (const record of records) verifier.take(record);
  return verifier.result({ seq: end.seq, digest: end.digest });
}

describe('the audit trail', () => {
  const whole = trail(20);

  it('holds when nothing was touched, whatever order a record’s fields come in', () => {
    expect(verify(whole)).toEqual({ records: 20, broken: null });
    expect(verify(whole.map((record) => JSON.parse(JSON.stringify(record))))).toEqual({ records: 20, broken: null });
    expect(verify([])).toEqual({ records: 0, broken: null });
  });

  it('shows a record that was changed, left out or moved, and one cut off at the end', () => {
    const at = fc.integer({ min: 0, max: 18 });
    fc.assert(
      fc.property(at, (index) => {
        const changed = whole.map((record, i) => (i === index ? { ...record, host: 'db-01' } : record));
        expect(verify(changed).broken).toEqual({ seq: index + 1, why: 'changed' });
        expect(verify(whole.toSpliced(index, 1)).broken).toEqual({ seq: index + 1, why: 'missing' });
        const [here, there] = [whole[index], whole[index + 1]];
        if (here === undefined || there === undefined) throw new Error('too short');
        expect(verify(whole.toSpliced(index, 2, there, here)).broken).toMatchObject({ seq: index + 1 });
      }),
    );
    expect(verify(whole.slice(0, -1), whole.at(-1)).broken).toEqual({ seq: 20, why: 'cut-off' });
  });

  it('shows a record whose own digest was made to fit', () => {
    const [first] = whole;
    if (first === undefined) throw new Error('empty');
    const { digest: _, ...rest } = first;
    const forged = chain({ ...rest, host: 'db-01' }, NOTHING_YET);
    expect(verify([forged, ...whole.slice(1)]).broken).toEqual({ seq: 2, why: 'moved' });
  });
});
