/** A check on its way: who asked for what, how far it is, how it ended. */
import type { CardPlace } from '#domain/card.ts';
import type { ChangeId } from '#domain/change.ts';
import type { CheckFailure } from '#domain/report.ts';

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
  /** The report is in the store, under the run's id. `asked`: what became of `next`; null = nothing was asked for. */
  | { readonly kind: 'reported'; readonly asked: AskedFor | null }
  | { readonly kind: 'failed'; readonly failure: CheckFailure }
  | { readonly kind: 'cancelled'; readonly by: Actor }
  /** Nobody runs it any more, and nothing is known about the host. */
  | { readonly kind: 'lost'; readonly why: 'no-worker' | 'worker-gone' | 'deadline' };

/** A kernel that somebody wants built for the host, once the check has its report. */
export interface KernelWanted {
  readonly kind: 'kernel';
  /** Names the request, and so the change that comes of it. */
  readonly key: string;
  /** Of TIME_WAIT. */
  readonly seconds: number;
  /** The host that builds. */
  readonly builder: string;
  /** running: as the kernel that runs; modules: with those modules alone that are loaded. */
  readonly config: 'running' | 'modules';
  /** A source package to fetch; null = the distribution's own. */
  readonly url: string | null;
  readonly reason: string;
  readonly actor: Actor;
  /** Those of the policy's user groups that the person was in when they asked. */
  readonly userGroups: readonly string[];
  /** Where it was asked for; null = nowhere in Slack. */
  readonly place: CardPlace | null;
}

/** What came of what was wanted. `warnings`, `why`: codes that the words of the kind have a sentence for. */
export type AskedFor =
  | { readonly kind: 'proposed'; readonly change: ChangeId; readonly warnings: readonly Notice[] }
  | { readonly kind: 'refused'; readonly why: readonly Notice[] };

/** A code, and what its sentence names. */
export interface Notice {
  readonly code: string;
  readonly details: Readonly<Record<string, string>>;
}

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
  /** What is asked for on the evidence of its report; null = nothing. */
  readonly next: KernelWanted | null;
}

export function hasEnded({ state }: Pick<Check, 'state'>): boolean {
  return state.kind !== 'queued' && state.kind !== 'running';
}
