import { describe, expect, it } from 'vitest';
import type { Plan, Proposal } from '#domain/plan.ts';
import { sortProposals } from './sort-proposals.ts';

const refused = (fix: string): Proposal => ({ kind: 'refused', fix, why: 'not-needed', facts: {} });
const unread = (fix: string): Proposal => ({ kind: 'unknown', fix, reason: { code: 'not-there', what: 'x' } as never });
const verdicts = [
  { id: 'found', kind: 'found' },
  { id: 'out', kind: 'ruled-out' },
  { id: 'open', kind: 'unknown' },
] as const;
const curesOf = new Map([
  ['a', ['out', 'found']],
  ['b', ['out']],
  ['c', ['out']],
  ['d', ['open']],
]);

describe('sortProposals', () => {
  it('keeps a refusal that concerns a finding, and counts one that concerns nothing here', () => {
    const sorted = sortProposals([refused('a'), refused('b'), refused('d')], verdicts, curesOf);
    expect(sorted.blocked.map(({ fix, answers }) => [fix, answers])).toEqual([['a', ['found']]]);
    expect(sorted.notApplicable).toEqual(['b', 'd']);
  });

  it('keeps what could not be decided, unless what it is for is ruled out', () => {
    const sorted = sortProposals([unread('a'), unread('c'), unread('d')], verdicts, curesOf);
    expect(sorted.unknown.map(({ fix }) => fix)).toEqual(['a', 'd']);
    expect(sorted.notApplicable).toEqual(['c']);
  });

  it('offers every plan, and loses nothing', () => {
    const plan = { kind: 'plan', plan: { fix: 'e' } as Plan, cures: [] } as const;
    const sorted = sortProposals([plan, refused('a'), unread('nobody knows it')], verdicts, curesOf);
    expect(sorted.plans.map(({ fix }) => fix)).toEqual(['e']);
    expect([sorted.blocked, sorted.unknown, sorted.notApplicable].map(({ length }) => length)).toEqual([1, 0, 1]);
  });
});
