/** What the proposals of one check come to for a person: what applies, what is blocked though it would help, and what is no matter here. Pure. */
import type { Blocked, Plan, Proposal } from '#domain/plan.ts';
import type { Verdict } from '#domain/verdict.ts';

export interface SortedProposals {
  readonly plans: readonly Plan[];
  /** Would answer a finding, and has no plan. */
  readonly blocked: readonly Blocked[];
  /** What they need could not be read, and what they are for is not ruled out. */
  readonly unknown: readonly Extract<Proposal, { kind: 'unknown' }>[];
  /** Ids of the fixes that answer nothing of what was found. */
  readonly notApplicable: readonly string[];
}

/** `curesOf`: the diagnoses that each fix answers. */
export function sortProposals(
  proposals: readonly Proposal[],
  verdicts: readonly Pick<Verdict, 'kind' | 'id'>[],
  curesOf: ReadonlyMap<string, readonly string[]>,
): SortedProposals {
  const kindOf = new Map(verdicts.map(({ id, kind }) => [id, kind]));
  const kinds = (fix: string) => (curesOf.get(fix) ?? []).map((id) => kindOf.get(id));
  const found = (fix: string) => (curesOf.get(fix) ?? []).filter((id) => kindOf.get(id) === 'found');
  const blocked = proposals
    .filter((each) => each.kind === 'refused')
    .map((each) => ({ ...each, answers: found(each.fix) }))
    .filter(({ answers }) => answers.length > 0);
  const unknown = proposals
    .filter((each) => each.kind === 'unknown')
    .filter(({ fix }) => kinds(fix).some((kind) => kind !== 'ruled-out'));
  const shown = new Set([...blocked, ...unknown].map(({ fix }) => fix));
  return {
    plans: proposals.flatMap((each) => (each.kind === 'plan' ? [each.plan] : [])),
    blocked,
    unknown,
    notApplicable: proposals.flatMap((each) => (each.kind === 'plan' || shown.has(each.fix) ? [] : [each.fix])),
  };
}
