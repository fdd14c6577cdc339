/** A plan: what a fix would write on one host, what that is predicted to do, and which numbers have to move. */
import type { Facts, Scalar } from '#domain/fact.ts';
import type { Unready } from '#domain/helper-state.ts';
import type { Missing } from '#domain/reading.ts';

/** low = new connections only and nothing can be refused by it; medium = changes what peers or services see; high = a person outside Slack should confirm. */
export const RISKS = ['low', 'medium', 'high'] as const;

export type Risk = (typeof RISKS)[number];

/** `netns`: the network namespace that was checked, and no other. `host`: every namespace of the host. */
export type Scope = 'netns' | 'host';

/** A file that sets the key today. */
export interface FileValue {
  readonly file: string;
  readonly line: number;
  readonly value: string;
}

/** One sysctl, by the text /proc/sys shows, with one blank between numbers. Written in the plan's order, undone in reverse. */
export interface Step {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly scope: Scope;
  /** In the order they are applied at boot: the last one wins. */
  readonly files: readonly FileValue[];
  /** Keys of steps of the same plan that make this one safe: it is never written without them. */
  readonly needs: readonly string[];
}

/** What a number must come to for the fix to count as proved. */
export interface Goal {
  /** A name among the fix's measures. */
  readonly number: string;
  readonly wants: 'at-most' | 'above';
  readonly value: number;
  /** Seconds after applying within which it has to. */
  readonly within: number;
}

/** Numbers by name, as a fix measures them before and after; a value of null = could not be measured. */
export type Measures = Readonly<Record<string, Scalar>>;

export interface Plan {
  readonly fix: string;
  readonly host: string;
  /** Inode of the network namespace that was checked; null where the kernel does not say. */
  readonly netns: string | null;
  readonly kernel: string;
  readonly risk: Risk;
  readonly steps: readonly Step[];
  /** What the fix's words are filled with. */
  readonly facts: Facts;
  readonly goals: readonly Goal[];
  /** Measured by the check that led to the plan. */
  readonly before: Measures;
}

/** What a fix can do at most, as the catalogue has it. */
export interface FixLimits {
  readonly risk: Risk;
  /** Keys of sysctls. */
  readonly writes: readonly string[];
}

/** Why a fix makes no plan for this host: a code that its words have a sentence for. */
export interface Refusal {
  readonly fix: string;
  readonly why: string;
  readonly facts: Facts;
}

/** `answers`: the diagnoses found here that the fix would cure. */
export interface Blocked extends Refusal {
  readonly answers: readonly string[];
}

/** What a fix comes to on one host. */
export type Proposal =
  /** `cures`: the diagnoses whose finding it answers. */
  | {
      readonly kind: 'plan';
      readonly plan: Plan;
      readonly cures: readonly string[];
      /** Why the host would not take it; a plan that was stored before this was looked at has none. */
      readonly unready?: Unready | null;
    }
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'unknown'; readonly fix: string; readonly reason: Missing['reason'] };
