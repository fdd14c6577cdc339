/** A change: gated work on hosts, of one kind, from the person who proposed it to its one end. */
import type { Actor, CheckId } from '#domain/check.ts';
import type { Measures, Risk } from '#domain/plan.ts';
import type { ChangeFailure } from './change-failure.ts';

export type ChangeId = string & { readonly __brand: 'ChangeId' };

const CHANGE_ID = /^[a-z2-7]{8}$/;

/** Undefined for anything that is no change id. */
export function parseChangeId(text: string): ChangeId | undefined {
  return CHANGE_ID.test(text) ? (text as ChangeId) : undefined;
}

export interface Approval {
  readonly by: Actor;
  readonly at: Date;
  /** SHA-256 of the bound text it was given for, and no other. */
  readonly hash: string;
  /** Given with a key of the approver's own: its signature of the bound text, base64. */
  readonly signature: string | null;
  /** The approver's Slack user groups at that moment: the worker asks the policy again, with these. */
  readonly userGroups: readonly string[];
}

/** A point where people decide before a host works. */
export interface Gate {
  readonly name: string;
  /** Whose lock the work behind it takes. */
  readonly host: string;
  /** The host key it answered with, as `ssh-keygen -l` prints it; null in records of earlier versions. */
  readonly hostKey: string | null;
  /** What it needed when it was proposed; the worker asks the policy of that moment. */
  readonly needs: { readonly approvals: number; readonly outside: boolean };
  /** What the work before it has made, such as a package's SHA-256; null = nothing that it depends on. */
  readonly artefact: string | null;
  /** How long it stays open; null = as long as the trial, and in records of earlier versions as long as the change says. */
  readonly expiresMinutes: number | null;
  /** Null until it is open. */
  readonly expiresAt: Date | null;
  readonly approvals: readonly Approval[];
}

/** cured: every number came to what was wanted. better, worse: some moved. no-effect: none did. unknown: they could not be measured. */
export type ProofVerdict = 'cured' | 'better' | 'no-effect' | 'worse' | 'unknown';

export interface Proof {
  readonly at: Date;
  /** Measured by the host itself before the work; null = the plan has the numbers of before. */
  readonly before: Measures | null;
  readonly after: Measures;
  readonly verdict: ProofVerdict;
}

/** Why the host went back to how it was. */
export const REVERT_REASONS = ['person', 'timer', 'reboot', 'interrupted', 'failed', 'fell-back'] as const;

export type RevertReason = (typeof REVERT_REASONS)[number];

export const WISHES = ['revert', 'extend', 'cancel'] as const;

/** What somebody wants of work under way. A worker is on it. */
export interface Wish {
  readonly what: (typeof WISHES)[number];
  readonly by: Actor;
  readonly at: Date;
}

/** The last that somebody wanted and the host did not do: a wish, or the work behind a gate. `why`: the host's words, where it refused. */
export interface Dropped {
  readonly what: string;
  readonly by: Actor;
  readonly at: Date;
  readonly why?: string;
}

export const REMARKS = [
  'shadowed',
  'conflict',
  'foreign',
  'foreign-line',
  'superseded',
  'not-booted',
  'other-length',
  'not-measured',
  'service-failed',
  'booted-again',
] as const;

/**
 * What is not as one would think. shadowed: the file `value` overrides the key at the next boot. conflict: somebody else set
 * the key to `value` meanwhile, so it was left alone. foreign: a kept key is `value` now. foreign-line: our file says `value`
 * of it, which this change did not write. superseded: the newer change `value` has the key. Of a kernel on trial, whose release
 * is the key: not-booted: the host came up with `value` instead. other-length: it keeps TIME_WAIT for `value` seconds.
 * not-measured: that could not be measured, because of `value`. booted-again: the host rebooted once more. service-failed: the
 * service `key` fails with it, and did not before.
 */
export interface Remark {
  readonly what: (typeof REMARKS)[number];
  readonly key: string;
  readonly value: string;
}

export type End =
  /** `by` null = somebody on the host itself. */
  | { readonly how: 'done'; readonly by: Actor | null; readonly remarks: readonly Remark[] }
  /** `by` null = the host itself. */
  | {
      readonly how: 'undone';
      readonly by: Actor | null;
      readonly why: RevertReason;
      readonly remarks: readonly Remark[];
    }
  | { readonly how: 'denied'; readonly by: Actor; readonly reason: string }
  | { readonly how: 'withdrawn'; readonly by: Actor }
  | { readonly how: 'expired' }
  | { readonly how: 'superseded'; readonly by: ChangeId }
  /** Nothing is left changed. */
  | { readonly how: 'failed'; readonly failure: ChangeFailure }
  /** The outcome was unknown, and somebody who looked at the host has let it go. */
  | { readonly how: 'abandoned'; readonly by: Actor; readonly why: string };

/** `gate`: an index among the change's gates. `reverts`: the host undoes what was done so far unless that gate opens in time. */
export type ChangeState =
  | {
      readonly kind: 'waiting';
      readonly at: Date;
      readonly gate: number;
      readonly reverts: Date | null;
      readonly wish: Wish | null;
      readonly dropped: Dropped | null;
    }
  /** Approved. `holder`: the change that has the host, for which it waits. `away`: a host that it waits for, which does not answer. */
  | {
      readonly kind: 'queued';
      readonly at: Date;
      readonly gate: number;
      readonly reverts: Date | null;
      readonly holder: ChangeId | null;
      readonly away: string | null;
    }
  /** A worker has begun, and what the host has done of it is not known yet. */
  | {
      readonly kind: 'working';
      readonly at: Date;
      readonly gate: number;
      readonly reverts: Date | null;
      readonly wish: Wish | null;
      /** The host has said that it is at it: it may be asked at any time. */
      readonly running: boolean;
    }
  /** What the host did is not known; it is asked again and again. `wish`: what it may have done. `began`: something had been changed. */
  | {
      readonly kind: 'unclear';
      readonly at: Date;
      readonly gate: number;
      readonly why: string;
      readonly wish: Wish | null;
      readonly began: boolean;
    }
  | { readonly kind: 'ended'; readonly at: Date; readonly end: End };

/** How work under way was last heard of. */
export interface WorkProgress {
  /** In the host's words; '' = nothing. */
  readonly line: string;
  /** It has not answered since then; null = it has. */
  readonly silentSince: Date | null;
}

/** What one person did alone, another one looks at afterwards. */
export interface Review {
  readonly reminders: number;
  readonly done: { readonly by: Actor; readonly at: Date } | null;
}

/** What is asked of every kind's plan; the rest is the kind's own. */
export interface AnyPlan {
  readonly host: string;
  readonly risk: Risk;
}

/** Of a reason that a person gives, so much is kept. */
export const LONGEST_REASON = 500;

export interface Change<P extends AnyPlan = AnyPlan> {
  readonly id: ChangeId;
  readonly kind: string;
  readonly host: string;
  /** The check whose evidence the plan was made from. */
  readonly run: CheckId;
  readonly plan: P;
  /** The kept change that this one takes back. */
  readonly reverts: ChangeId | null;
  readonly gates: readonly Gate[];
  /** After so many minutes on trial the host goes back by itself. */
  readonly revertMinutes: number;
  /** So long a gate without a trial stays open that does not say otherwise. */
  readonly expiresMinutes: number;
  readonly reason: string;
  readonly requester: Actor;
  readonly proposedAt: Date;
  /** Begun by one person alone, in an emergency. */
  readonly breakGlass: boolean;
  /** Null where two people decided anyway. */
  readonly review: Review | null;
  /** Newest last. */
  readonly proofs: readonly Proof[];
  readonly state: ChangeState;
  /** Grows with every transition. */
  readonly revision: number;
}

/** One change has a host to itself from the first write until it is over. */
export interface HostLock {
  readonly change: ChangeId;
  /** Grows with every lock ever taken: a holder of an older one has lost it. */
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

type Stated = Pick<Change, 'state'>;

export function isOver({ state }: Stated): boolean {
  return state.kind === 'ended';
}

/** Asked for, and nothing more: no gate of it has opened. */
export function isProposal({ state }: Stated): boolean {
  return state.kind === 'waiting' && state.gate === 0;
}

/** The work behind its gate has not begun, and nothing is on trial: it can be called off. */
export function isPending({ state }: Stated): boolean {
  return (state.kind === 'waiting' || state.kind === 'queued') && state.reverts === null;
}

/** On trial: the host goes back by itself, and at this moment, unless the open gate is passed. */
export function trialOf({ state }: Stated): Extract<ChangeState, { kind: 'waiting' }> | undefined {
  return state.kind === 'waiting' && state.reverts !== null ? state : undefined;
}

/** Done for good, so that it can be taken back: what takes another one back cannot. */
export function isKept({ state, reverts }: Pick<Change, 'state' | 'reverts'>): boolean {
  return state.kind === 'ended' && state.end.how === 'done' && reverts === null;
}

/** As long as it lasts the host goes back by itself, also while a worker keeps it or goes back earlier. */
export function isOnTrial({ state }: Stated): boolean {
  return 'reverts' in state && state.reverts !== null;
}

/** The gate that is open, or whose work is under way; undefined when it is over. */
export function gateOf({ state, gates }: Pick<Change, 'state' | 'gates'>): Gate | undefined {
  return state.kind === 'ended' ? undefined : gates[state.gate];
}

/** The host that it works on, is about to, or has on trial; null = it waits for people alone, or is over. */
export function hostNeeded({ state, gates }: Pick<Change, 'state' | 'gates'>): string | null {
  if (state.kind === 'ended' || (state.kind === 'waiting' && state.reverts === null)) return null;
  return gates[state.gate]?.host ?? null;
}

/** The host that it has to itself now; null = none. */
export function hostHeld({ state, gates }: Pick<Change, 'state' | 'gates'>): string | null {
  if (state.kind === 'ended') return null;
  const holds = state.kind === 'working' || state.kind === 'unclear' || state.reverts !== null;
  return holds ? (gates[state.gate]?.host ?? null) : null;
}

/**
 * Where it stands, in one word that cards, lists and the audit trail share: `waiting apply`, `working build`, `unclear`, or how
 * it ended.
 */
export function stageOf({ state, gates }: Pick<Change, 'state' | 'gates'>): string {
  if (state.kind === 'ended') return state.end.how;
  return state.kind === 'unclear' ? 'unclear' : `${state.kind} ${gates[state.gate]?.name ?? ''}`;
}
