/** Everything a check wants to know of what came over the wire, in one go: verdicts, plans, the numbers of a proof. Pure. */
import { judge } from '#diagnosis/engine.ts';
import type { Facts } from '#domain/fact.ts';
import type { Measures, Proposal } from '#domain/plan.ts';
import type { CheckFailure, Report } from '#domain/report.ts';
import type { Fix } from '#fixes/fix.ts';
import { measureFix, planFixes } from '#fixes/plan-fix.ts';
import { type CheckedHost, type Knowledge, parseSamples, type RawSamples, reportOf } from './judge-samples.ts';

export interface Question {
  readonly samples: RawSamples;
  readonly about: CheckedHost;
  readonly wants: Wanted;
}

export interface Wanted {
  readonly verdicts: boolean;
  readonly plans: boolean;
  /** The fix whose numbers are measured again, with the facts of its plan; null = none. */
  readonly measures: { readonly fix: string; readonly facts: Facts } | null;
}

/** What was not wanted is empty or undefined. */
export interface Answer {
  readonly report: Report;
  readonly proposals: readonly Proposal[] | undefined;
  readonly measures: Measures | undefined;
}

/** Answers elsewhere, within a time and an amount of memory. */
export type Examine = (question: Question) => Promise<Examined>;

export type Examined =
  | ({ readonly kind: 'answer' } & Answer)
  | { readonly kind: 'failed'; readonly failure: CheckFailure };

export function examine({ samples, about, wants }: Question, knowledge: Knowledge & { fixes: readonly Fix[] }): Answer {
  const evidence = parseSamples(samples, knowledge.sources);
  const fix = knowledge.fixes.find(({ id }) => id === wants.measures?.fix);
  return {
    report: reportOf(evidence, about, wants.verdicts ? judge(knowledge.catalogue, evidence) : []),
    proposals: wants.plans ? planFixes(knowledge.fixes, about.host, evidence) : undefined,
    measures: fix && wants.measures ? measureFix(fix, wants.measures.facts, evidence) : undefined,
  };
}
