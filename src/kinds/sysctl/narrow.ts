/** A plan with fewer steps, for those who approve less of it. Pure. */
import type { Plan } from '#domain/plan.ts';

/** Undefined when a key is not in the plan, when a step that is kept needs one that is not, and when nothing is left. */
export function narrowPlan(plan: Plan, keys: readonly string[]): Plan | undefined {
  const kept = new Set(keys);
  const steps = plan.steps.filter(({ key }) => kept.has(key));
  const known = new Set(steps.map(({ key }) => key));
  const isWhole = steps.every(({ needs }) => needs.every((need) => known.has(need)));
  return known.size === kept.size && steps.length > 0 && isWhole ? { ...plan, steps } : undefined;
}
