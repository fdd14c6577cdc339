/** Steps that stand or fall together: a step with everything that makes it safe. Pure. */
import type { Step } from './plan.ts';

type Dependent = Pick<Step, 'key' | 'needs'>;

/** The keys of this step and of all that it needs, also by way of others, in the plan's order; none for a key that is not there. */
export function keysWith(key: string, steps: readonly Dependent[]): readonly string[] {
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const found = new Set<string>();
  const open = [key];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(byKey.get(next)?.needs ?? []));
  }
  return steps.map((step) => step.key).filter((each) => found.has(each));
}

export interface Part {
  /** The step that is wanted. */
  readonly key: string;
  /** With all that it needs. */
  readonly keys: readonly string[];
}

/** What can be left of a plan when one step is wanted; each part once, the whole plan not among them. */
export function partsOf(steps: readonly Dependent[]): readonly Part[] {
  const parts = new Map<string, Part>();
  for (const { key } of steps) {
    const keys = keysWith(key, steps);
    const name = keys.join(' ');
    if (keys.length < steps.length && !parts.has(name)) parts.set(name, { key, keys });
  }
  return [...parts.values()];
}
