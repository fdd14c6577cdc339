/** A check on its way: who asked for what, how far it is, how it ended. */
import type { CheckFailure, Report } from '#domain/report.ts';

/** Also the id of its report, of its job, and of every line logged about it. */
export type CheckId = string & { readonly __brand: 'CheckId' };

const RUN_ID = /^[a-z2-7]{8}$/;

/** Undefined for anything that is no run id. */
export function parseCheckId(text: string): CheckId | undefined {
  return RUN_ID.test(text) ? (text as CheckId) : undefined;
}

/** A surface's own id of the person, such as a Slack user id. */
export interface Actor {
  readonly surface: 'slack' | 'cli' | 'web';
  readonly id: string;
}

export function sameActor(a: Actor, b: Actor): boolean {
  return a.surface === b.surface && a.id === b.id;
}

/** What a running check is doing. Between the samples the first sample's verdicts are there. */
export type Stage = 'connecting' | 'first-sample' | 'second-sample' | 'judging';

export type CheckState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'running'; readonly stage: Stage }
  /** The report is in the store, under the run's id. */
  | { readonly kind: 'reported' }
  | { readonly kind: 'failed'; readonly failure: CheckFailure }
  | { readonly kind: 'cancelled'; readonly by: Actor }
  /** Nobody runs it any more, and nothing is known about the host. */
  | { readonly kind: 'lost'; readonly why: 'no-worker' | 'worker-gone' | 'deadline' };

export interface Check {
  readonly id: CheckId;
  readonly host: string;
  /** Whole seconds between the samples. */
  readonly interval: number;
  readonly actor: Actor;
  readonly askedAt: Date;
  /** When it is ended whatever it is doing. */
  readonly deadline: Date;
  readonly state: CheckState;
  /** How often a worker has taken it; what an earlier attempt still says is not listened to. 0 = never. */
  readonly attempt: number;
  /** Grows with everything that changes what a person is shown. */
  readonly revision: number;
  /** The first sample's report, while the second is still to come. */
  readonly first: Report | null;
}

export function hasEnded({ state }: Pick<Check, 'state'>): boolean {
  return state.kind !== 'queued' && state.kind !== 'running';
}
