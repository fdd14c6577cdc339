/** The contract of a fix: what it needs to know, the plan it makes of that, and the numbers that prove it. Pure; nothing here writes. */
import { type Given, NO_READINGS, type Wanted, type Wants } from '#diagnosis/diagnosis.ts';
import type { ReadingKey } from '#diagnosis/reading-key.ts';
import type { Facts } from '#domain/fact.ts';
import type { FixLimits, Goal, Measures, Risk } from '#domain/plan.ts';
import type { Missing } from '#domain/reading.ts';
import type { SysctlKey } from '#evidence/sysctls.ts';

/** A key and what it should be, as /proc/sys will show it. */
export interface Setting<K extends SysctlKey = SysctlKey> {
  readonly key: K;
  readonly to: string;
}

export type Answer<K extends SysctlKey = SysctlKey> =
  | {
      readonly kind: 'set';
      /** In the order they are to be written. */
      readonly settings: readonly Setting<K>[];
      readonly facts: Facts;
      readonly goals: readonly Goal[];
    }
  /** `why` is a code that the fix's words have a sentence for. */
  | { readonly kind: 'refused'; readonly why: string; readonly facts: Facts }
  | { readonly kind: 'undecided'; readonly blockedBy: Missing };

interface Recipe<
  N extends ReadingKey,
  C extends ReadingKey,
  U extends ReadingKey,
  D extends ReadingKey,
  K extends SysctlKey,
> extends Wants<N, C, U, D> {
  /** Folder name, and the word people type. */
  readonly id: string;
  /**
   * The highest that any plan of it can have. The worker goes by it, and by `writes`, and not by what a stored plan says: a plan
   * with another key is none of this fix.
   */
  readonly risk: Risk;
  /** Every key that a plan of it may have. */
  readonly writes: readonly K[];
  /** Diagnoses whose finding offers it. */
  readonly cures: readonly string[];
  readonly plan: (given: Given<N, C, U, D>) => Answer<NoInfer<K>>;
  /** The numbers that have to move; `facts` are those of the plan, so that the same listener or destination is measured. */
  readonly measure: (given: Given<N, C, U, D>, facts: Facts) => Measures;
}

/** A fix as the planner sees it, whatever it asks for. */
export interface Fix extends FixLimits, Wanted {
  readonly id: string;
  readonly cures: readonly string[];
  /** The planner builds `given` from the four lists above, which is what makes this erasure of types sound. */
  readonly plan: (given: Given<never, never, never, never>) => Answer;
  readonly measure: (given: Given<never, never, never, never>, facts: Facts) => Measures;
}

export function defineFix<
  const N extends ReadingKey = never,
  const C extends ReadingKey = never,
  const U extends ReadingKey = never,
  const D extends ReadingKey = never,
  const K extends SysctlKey = never,
>(recipe: Recipe<N, C, U, D, K>): Fix {
  const { plan, measure } = recipe;
  return { ...NO_READINGS, ...recipe, plan: plan as Fix['plan'], measure: measure as Fix['measure'] };
}

export function set<const K extends SysctlKey>(
  settings: readonly Setting<K>[],
  facts: Facts,
  goals: readonly Goal[],
): Answer<K> {
  return { kind: 'set', settings, facts, goals };
}

export function refused(why: string, facts: Facts = {}): Answer<never> {
  return { kind: 'refused', why, facts };
}

export function undecided(blockedBy: Missing): Answer<never> {
  return { kind: 'undecided', blockedBy };
}
