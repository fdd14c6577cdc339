/** A change: a plan on its way, from the person who proposed it to its one end. */
import type { Actor, CheckId } from '#domain/check.ts';
import type { Measures, Plan } from '#domain/plan.ts';

export type ChangeId = string & { readonly __brand: 'ChangeId' };

const CHANGE_ID = /^[a-z2-7]{8}$/;

/** Undefined for anything that is no change id. */
export function parseChangeId(text: string): ChangeId | undefined {
  return CHANGE_ID.test(text) ? (text as ChangeId) : undefined;
}

export interface Approval {
  readonly by: Actor;
  readonly at: Date;
  /** The plan it was given for, and no other. */
  readonly hash: string;
  /** Given outside Slack with a key of the approver's own: its signature of the change and the plan, base64. */
  readonly signature: string | null;
  /** The approver's Slack user groups at that moment: whoever applies the change asks the policy again, with these. */
  readonly userGroups: readonly string[];
}

/** cured: every number came to what was wanted. better, worse: some moved. no-effect: none did. unknown: they could not be measured. */
export type ProofVerdict = 'cured' | 'better' | 'no-effect' | 'worse' | 'unknown';

export interface Proof {
  readonly at: Date;
  readonly after: Measures;
  readonly verdict: ProofVerdict;
}

/** Why the host went back to the old values. */
export type RevertReason = 'person' | 'timer' | 'reboot' | 'interrupted' | 'failed';

export type ChangeState =
  | { readonly kind: 'proposed' }
  | { readonly kind: 'approved'; readonly at: Date }
  /** A worker has begun, and what the host has done of it is not known yet. */
  | { readonly kind: 'applying'; readonly at: Date }
  | {
      readonly kind: 'on-trial';
      readonly at: Date;
      readonly until: Date;
      readonly wanted: Wanted | null;
      /** The last that somebody wanted and nobody did. */
      readonly dropped: Dropped | null;
    }
  /** `shadowed`: keys that another file has the last word on at the next boot, and the file. `by` null = on the host itself. */
  | {
      readonly kind: 'kept';
      readonly at: Date;
      readonly by: Actor | null;
      readonly shadowed: Readonly<Record<string, string>>;
      /** Somebody wants the old values back after all. */
      readonly wanted: Wanted | null;
      readonly dropped: Dropped | null;
      readonly remarks?: readonly Remark[];
    }
  /** `conflicts`: keys that somebody else changed meanwhile, and what they are: left alone. `by` null = the host itself. */
  | {
      readonly kind: 'reverted';
      readonly at: Date;
      readonly by: Actor | null;
      readonly why: RevertReason;
      readonly conflicts: Readonly<Record<string, string>>;
      readonly remarks?: readonly Remark[];
    }
  | { readonly kind: 'denied'; readonly at: Date; readonly by: Actor; readonly reason: string }
  | { readonly kind: 'withdrawn'; readonly at: Date; readonly by: Actor }
  | { readonly kind: 'expired'; readonly at: Date }
  | { readonly kind: 'superseded'; readonly at: Date; readonly by: ChangeId }
  /** Nothing is left changed; `failure` says what stood in the way. */
  | { readonly kind: 'failed'; readonly at: Date; readonly failure: ChangeFailure }
  /** Nobody can say what the host did; it is asked again and again. `wanted`: what it may have done, and for whom. */
  | {
      readonly kind: 'outcome-unknown';
      readonly at: Date;
      readonly why: string;
      readonly wanted: Wanted | null;
      /** It was on trial, so something had been changed. */
      readonly began: boolean;
    }
  /** Nobody could say, and somebody who looked at the host has let it go. */
  | { readonly kind: 'abandoned'; readonly at: Date; readonly by: Actor; readonly why: string };

/** Somebody pressed a button of the trial, and a worker is on it. */
export interface Wanted {
  readonly what: 'keep' | 'revert' | 'extend';
  readonly by: Actor;
  readonly at: Date;
}

/** `why`: the host's words, where it refused. */
export type Dropped = Wanted & { readonly why?: string };

export const REMARKS = ['foreign', 'foreign-line', 'superseded'] as const;

/**
 * What is not as one would think. foreign: a kept key is `value` now. foreign-line: our file says `value` of it, which this change
 * did not write. superseded: the newer change `value` has the key.
 */
export interface Remark {
  readonly what: (typeof REMARKS)[number];
  readonly key: string;
  readonly value: string;
}

/** What one person did alone, another one looks at afterwards. */
export interface Review {
  readonly reminders: number;
  readonly done: { readonly by: Actor; readonly at: Date } | null;
}

/** A code that the words have a sentence for, and what it is about. */
export interface ChangeFailure {
  readonly code: string;
  readonly detail: string;
}

export interface Change {
  readonly id: ChangeId;
  readonly host: string;
  /** The check whose evidence the plan was made from. */
  readonly run: CheckId;
  readonly plan: Plan;
  /** Binds host, steps, scope and revert time; see plan-hash. */
  readonly hash: string;
  /** After so many minutes on trial the host goes back by itself. */
  readonly revertMinutes: number;
  readonly reason: string;
  readonly requester: Actor;
  readonly proposedAt: Date;
  /** When the proposal ends if nobody decides. */
  readonly expiresAt: Date;
  /** How many approvals it needs, and whether they must be given outside Slack. */
  readonly needs: { readonly approvals: number; readonly outside: boolean };
  /** Begun by one person alone, in an emergency. */
  readonly breakGlass: boolean;
  /** Null where two people decided anyway. */
  readonly review: Review | null;
  readonly approvals: readonly Approval[];
  /** Newest last. */
  readonly proofs: readonly Proof[];
  readonly state: ChangeState;
  /** Grows with every transition. */
  readonly revision: number;
}

/** One change has a host to itself from the first write until it is over. */
export interface HostLock {
  readonly change: ChangeId;
  /** Grows with every lock ever taken: whoever holds an older one has lost it. */
  readonly token: number;
  readonly since: Date;
  /** When it is free again if its holder says nothing more. */
  readonly until: Date;
}

/** A freeze that somebody ordered, by group of hosts; `*` = all. */
export interface OrderedFreeze {
  readonly group: string;
  readonly by: string;
  readonly since: Date;
}

const LIVE: readonly ChangeState['kind'][] = ['approved', 'applying', 'on-trial', 'outcome-unknown'];

/** It is under way, and no other change may begin on its host. */
export function isLive({ state }: Pick<Change, 'state'>): boolean {
  return LIVE.includes(state.kind) || (state.kind === 'kept' && state.wanted !== null);
}

/** Nothing more happens to it by itself. */
export function isOver(change: Pick<Change, 'state'>): boolean {
  return change.state.kind !== 'proposed' && !isLive(change);
}
