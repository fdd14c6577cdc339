/** The state machine of a change: what may happen to it next, and what that makes of it. Pure; whoever calls it has asked the policy. */
import type {
  Approval,
  Change,
  ChangeFailure,
  ChangeId,
  ChangeState,
  Proof,
  Remark,
  RevertReason,
  Wanted,
} from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import { planHash } from './plan-hash.ts';

export type ChangeEvent =
  | {
      readonly kind: 'approve';
      readonly by: Actor;
      /** The plan the approver saw. */
      readonly hash: string;
      readonly signature: string | null;
      readonly userGroups: readonly string[];
      /** Fewer steps, or less time, than asked for. */
      readonly narrowed?: Narrowed;
    }
  | { readonly kind: 'deny'; readonly by: Actor; readonly reason: string }
  | { readonly kind: 'withdraw'; readonly by: Actor }
  | { readonly kind: 'expire' }
  | { readonly kind: 'supersede'; readonly by: ChangeId }
  /** A worker takes it. */
  | { readonly kind: 'start' }
  | { readonly kind: 'applied'; readonly until: Date }
  | { readonly kind: 'fail'; readonly failure: ChangeFailure }
  | { readonly kind: 'lose'; readonly why: string }
  | { readonly kind: 'want'; readonly what: Wanted['what']; readonly by: Actor }
  /** What was wanted could not be done, and the trial goes on. `why`: the host's words, where it refused. */
  | {
      readonly kind: 'unwant';
      /** The change's revision when the host was asked. */
      readonly seen: number;
      readonly why?: string;
    }
  | { readonly kind: 'extended'; readonly until: Date; readonly by: Actor }
  | {
      readonly kind: 'kept';
      readonly by: Actor | null;
      readonly shadowed: Readonly<Record<string, string>>;
      readonly remarks?: readonly Remark[];
    }
  | {
      readonly kind: 'reverted';
      readonly by: Actor | null;
      readonly why: RevertReason;
      readonly conflicts: Readonly<Record<string, string>>;
      readonly remarks?: readonly Remark[];
    }
  | { readonly kind: 'proved'; readonly proof: Proof }
  /** The host cannot say any more, and a person has looked. */
  | { readonly kind: 'abandon'; readonly by: Actor }
  /** Somebody has looked at what another person did alone. */
  | { readonly kind: 'review'; readonly by: Actor }
  /** Nobody has, so far. */
  | { readonly kind: 'remind' };

export interface Narrowed {
  readonly keys: readonly string[];
  readonly revertMinutes: number;
}

/** Why an event does not apply; each is one private sentence for a person who pressed a button. */
export const REFUSALS = [
  'own-change',
  'approved-already',
  'another-plan',
  'widened',
  'needs-outside',
  'not-yet',
  'expired',
  'superseded',
  'denied',
  'withdrawn',
  'decided',
  'being-ended',
  'over',
] as const;

export type ChangeRefusal = (typeof REFUSALS)[number];

export type Decided =
  | { readonly kind: 'moved'; readonly change: Change }
  | { readonly kind: 'refused'; readonly why: ChangeRefusal };

type Of<K extends ChangeEvent['kind']> = Extract<ChangeEvent, { kind: K }>;

export function decide(change: Change, event: ChangeEvent, now: Date): Decided {
  switch (event.kind) {
    case 'approve':
      return approve(change, event, now);
    case 'deny':
      return whileProposed(change, now, { kind: 'denied', at: now, by: event.by, reason: event.reason });
    case 'withdraw':
      return whileProposed(change, now, { kind: 'withdrawn', at: now, by: event.by });
    case 'expire':
      return expire(change, now);
    case 'supersede':
      return among(change, ['proposed'], { kind: 'superseded', at: now, by: event.by });
    case 'start':
      // An approval is for now, not for whenever a worker comes back.
      if (change.state.kind === 'approved' && now >= change.expiresAt) return refuse('expired');
      return among(change, ['approved'], { kind: 'applying', at: now });
    case 'applied':
      return among(change, ['applying', 'outcome-unknown'], onTrial(now, event.until, change.state));
    case 'fail':
      return among(change, ['approved', 'applying', 'outcome-unknown'], {
        kind: 'failed',
        at: now,
        failure: event.failure,
      });
    case 'lose':
      return lose(change, event, now);
    case 'want':
      return want(change, event, now);
    case 'unwant':
      return unwant(change, event);
    case 'extended':
      return extend(change, event, now);
    case 'kept': {
      const { by, shadowed, remarks = [] } = event;
      return among(change, ['on-trial', 'outcome-unknown'], {
        kind: 'kept',
        at: now,
        by,
        shadowed,
        wanted: null,
        dropped: null,
        remarks,
      });
    }
    case 'reverted': {
      const { by, why, conflicts, remarks = [] } = event;
      const state: ChangeState = { kind: 'reverted', at: now, by, why, conflicts, remarks };
      return among(change, ['applying', 'on-trial', 'outcome-unknown', 'kept'], state);
    }
    case 'proved':
      return proved(change, event);
    case 'abandon':
      return abandon(change, event, now);
    case 'review':
      return review(change, event, now);
    case 'remind':
      return remind(change);
  }
}

function approve(change: Change, event: Of<'approve'>, now: Date): Decided {
  if (change.state.kind !== 'proposed') return tooLate(change);
  if (now >= change.expiresAt) return refuse('expired');
  if (event.hash !== change.hash) return refuse('another-plan');
  if (sameActor(event.by, change.requester) && !change.breakGlass) return refuse('own-change');
  if (change.approvals.some(({ by }) => sameActor(by, event.by))) return refuse('approved-already');
  if (change.needs.outside && event.signature === null) return refuse('needs-outside');
  const narrowed = event.narrowed === undefined ? change : narrow(change, event.narrowed);
  if (narrowed === undefined) return refuse('widened');
  const { by, signature, userGroups } = event;
  const approval: Approval = { by, at: now, hash: narrowed.hash, signature, userGroups };
  // What others approved was another plan, once this one has less in it.
  const approvals = [...change.approvals.filter(({ hash }) => hash === narrowed.hash), approval];
  const enough = approvals.length >= change.needs.approvals;
  const state: ChangeState = enough ? { kind: 'approved', at: now } : { kind: 'proposed' };
  return moved(narrowed, { approvals, state });
}

/** Undefined when it would do more than what was asked for, or nothing. */
function narrow(change: Change, { keys, revertMinutes }: Narrowed): Change | undefined {
  const steps = change.plan.steps.filter(({ key }) => keys.includes(key));
  const known = keys.every((key) => steps.some((step) => step.key === key));
  const shorter = Number.isInteger(revertMinutes) && revertMinutes >= 1 && revertMinutes <= change.revertMinutes;
  if (!known || steps.length === 0 || !shorter) return undefined;
  const plan = { ...change.plan, steps };
  return { ...change, plan, revertMinutes, hash: planHash(plan, revertMinutes) };
}

function expire(change: Change, now: Date): Decided {
  if (change.state.kind !== 'proposed' && change.state.kind !== 'approved') return tooLate(change);
  return now < change.expiresAt ? refuse('not-yet') : moved(change, { state: { kind: 'expired', at: now } });
}

/** What was wanted may have been done all the same. */
function lose(change: Change, { why }: Of<'lose'>, now: Date): Decided {
  const { state } = change;
  const wanted = state.kind === 'on-trial' || state.kind === 'kept' ? state.wanted : null;
  const open = state.kind === 'applying' || state.kind === 'on-trial' || (state.kind === 'kept' && wanted !== null);
  const began = state.kind !== 'applying';
  return open ? moved(change, { state: { kind: 'outcome-unknown', at: now, why, wanted, began } }) : tooLate(change);
}

function abandon(change: Change, { by }: Of<'abandon'>, now: Date): Decided {
  const { state } = change;
  if (state.kind !== 'outcome-unknown') return tooLate(change);
  return moved(change, { state: { kind: 'abandoned', at: now, by, why: state.why } });
}

function want(change: Change, { what, by }: Of<'want'>, now: Date): Decided {
  const { state } = change;
  const undoable = state.kind === 'kept' && what === 'revert';
  if (state.kind !== 'on-trial' && !undoable) return tooLate(change);
  if (state.wanted !== null) return refuse('being-ended');
  return moved(change, { state: { ...state, wanted: { what, by, at: now } } });
}

function unwant(change: Change, { seen, why }: Of<'unwant'>): Decided {
  const { state } = change;
  if ((state.kind !== 'on-trial' && state.kind !== 'kept') || state.wanted === null) return tooLate(change);
  // What the host said then says nothing of what was wanted since.
  if (seen !== change.revision) return tooLate(change);
  const dropped = why === undefined ? state.wanted : { ...state.wanted, why };
  return moved(change, { state: { ...state, wanted: null, dropped } });
}

function extend(change: Change, { until }: Of<'extended'>, now: Date): Decided {
  const { state } = change;
  if (state.kind === 'on-trial') return moved(change, { state: { ...state, until, wanted: null } });
  return among(change, ['outcome-unknown'], { kind: 'on-trial', at: now, until, wanted: null, dropped: null });
}

function proved(change: Change, { proof }: Of<'proved'>): Decided {
  const { kind } = change.state;
  if (kind !== 'on-trial' && kind !== 'kept') return tooLate(change);
  return moved(change, { proofs: [...change.proofs, proof] });
}

function review(change: Change, { by }: Of<'review'>, now: Date): Decided {
  if (change.review === null) return refuse('over');
  if (change.review.done !== null) return refuse('decided');
  if (change.state.kind === 'approved' || change.state.kind === 'applying') return refuse('not-yet');
  if (sameActor(by, change.requester)) return refuse('own-change');
  return moved(change, { review: { ...change.review, done: { by, at: now } } });
}

function remind(change: Change): Decided {
  if (change.review === null || change.review.done !== null) return refuse('over');
  return moved(change, { review: { ...change.review, reminders: change.review.reminders + 1 } });
}

function onTrial(at: Date, until: Date, before: ChangeState): ChangeState {
  const dropped = before.kind === 'outcome-unknown' ? before.wanted : null;
  return { kind: 'on-trial', at, until, wanted: null, dropped };
}

function whileProposed(change: Change, now: Date, state: ChangeState): Decided {
  if (change.state.kind !== 'proposed') return tooLate(change);
  return now >= change.expiresAt ? refuse('expired') : moved(change, { state });
}

function among(change: Change, kinds: readonly ChangeState['kind'][], state: ChangeState): Decided {
  return kinds.includes(change.state.kind) ? moved(change, { state }) : tooLate(change);
}

function moved(change: Change, fields: Partial<Change>): Decided {
  return { kind: 'moved', change: { ...change, ...fields, revision: change.revision + 1 } };
}

function refuse(why: ChangeRefusal): Decided {
  return { kind: 'refused', why };
}

/** What its state says to somebody who comes too late, or too early. */
function tooLate({ state: { kind } }: Change): Decided {
  switch (kind) {
    case 'proposed':
      return refuse('not-yet');
    case 'denied':
    case 'withdrawn':
    case 'expired':
    case 'superseded':
      return refuse(kind);
    case 'approved':
    case 'applying':
    case 'on-trial':
    case 'outcome-unknown':
      return refuse('decided');
    default:
      return refuse('over');
  }
}

export function sameActor(a: Actor, b: Actor): boolean {
  return a.surface === b.surface && a.id === b.id;
}
