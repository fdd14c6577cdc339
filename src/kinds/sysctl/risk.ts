/** The risk of a plan, by the catalogue of fixes and never by what the stored plan says of itself. Pure. */
import type { FixLimits, Plan, Risk } from '#domain/plan.ts';

/** By the fix's id. */
export type FixCatalogue = ReadonlyMap<string, FixLimits>;

/** Undefined when there is no such fix, and when a step writes what the fix never does: such a plan is not carried out. */
export function riskOf({ fix, steps }: Pick<Plan, 'fix' | 'steps'>, catalogue: FixCatalogue): Risk | undefined {
  const limits = catalogue.get(fix);
  return limits !== undefined && steps.every(({ key }) => limits.writes.includes(key)) ? limits.risk : undefined;
}
