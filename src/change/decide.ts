/** The state machine of a change: what may happen to it next, and what that makes of it. Pure; its caller has asked the policy. */
import {
  type Approval,
  type Change,
  type ChangeId,
  type ChangeState,
  type Dropped,
  type End,
  type Gate,
  gateOf,
  isOnTrial,
  isPending,
  isProposal,
  type Proof,
  stageOf,
  type Wish,
} from '#domain/change.ts';
import type { ChangeFailure } from '#domain/change-failure.ts';
import { type Actor, sameActor } from '#domain/check.ts';
import { openHash } from './bound.ts';
import { type AnyKind, type Observation, waitsUntil } from './kind.ts';

export type ChangeEvent =
  /** Of the open gate. */
  | {
      readonly kind: 'approve';
      readonly by: Actor;
      /** Of the text that the approver saw. */
      readonly hash: string;
      /** Of the text that is approved, which has less in it when it is narrowed. The caller has verified it. */
      readonly signature: string | null;
      readonly userGroups: readonly string[];
      /** Less of the plan, or less time, than asked for. */
      readonly narrowed?: Narrowed;
    }
  | { readonly kind: 'deny'; readonly by: Actor; readonly reason: string }
  | { readonly kind: 'withdraw'; readonly by: Actor }
  | { readonly kind: 'expire' }
  /** `asker`: of the newer change. */
  | { readonly kind: 'supersede'; readonly by: ChangeId; readonly asker: Actor }
  /** A worker takes it. */
  | { readonly kind: 'start' }
  /** Its host is another change's, or one of its hosts does not answer; both null = neither any more. */
  | { readonly kind: 'wait'; readonly holder: ChangeId | null; readonly away: string | null }
  /** The host has never heard of the work, so that it can be begun again. `seen`: the change's revision when the host was asked. */
  | { readonly kind: 'requeue'; readonly seen: number; readonly away: string | null }
  /** `seen`: the change's revision when the host was asked. */
  | (Extract<Observation, { kind: 'done' }> & { readonly seen: number })
  | Extract<Observation, { kind: 'undone' }>
  /** `stage`: what it was when its host or the policy was asked. */
  | { readonly kind: 'fail'; readonly failure: ChangeFailure; readonly stage: string }
  /** What was wanted could not be done, and the trial goes on. */
  | { readonly kind: 'drop'; readonly seen: number; readonly why?: string }
  | { readonly kind: 'lose'; readonly why: string }
  /** `until`: when the trial was to end, as the policy was asked about it. */
  | { readonly kind: 'wish'; readonly what: Wish['what']; readonly by: Actor; readonly until?: Date }
  /** `asked`: what was wanted when the host was asked. */
  | (Extract<Observation, { kind: 'extended' }> & { readonly asked: Wish | null })
  /** The host is at it, and takes its time. */
  | { readonly kind: 'running' }
  | { readonly kind: 'proved'; readonly proof: Proof }
  /** The host can't say any more, and a person has looked. */
  | { readonly kind: 'abandon'; readonly by: Actor }
  /** Somebody has looked at what another person did alone. */
  | { readonly kind: 'review'; readonly by: Actor }
  | { readonly kind: 'remind' };

export interface Narrowed {
  /** Of the plan, as its kind names them. */
  readonly parts: readonly string[];
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
type State<K extends ChangeState['kind']> = Extract<ChangeState, { kind: K }>;

export function decide(kind: AnyKind, change: Change, event: ChangeEvent, now: Date): Decided {
  switch (event.kind) {
    case 'approve':
      return approve(kind, change, event, now);
    case 'deny':
      return whilePending(change, now, { how: 'denied', by: event.by, reason: event.reason });
    case 'withdraw':
      return whilePending(change, now, { how: 'withdrawn', by: event.by });
    case 'expire':
      return expire(kind, change, now);
    case 'supersede':
      return isProposal(change) ? ended(change, now, { how: 'superseded', by: event.by }) : tooLate(change);
    case 'start':
      return start(kind, change, now);
    case 'wait':
      return wait(change, event);
    case 'requeue':
      return requeue(kind, change, event, now);
    case 'done':
      return done(kind, change, event, now);
    case 'undone':
      return undone(change, event, now);
    case 'fail':
      return fail(change, event, now);
    case 'drop':
      return drop(change, event, now);
    case 'lose':
      return lose(change, event, now);
    case 'wish':
      return wish(change, event, now);
    case 'extended':
      return extended(change, event, now);
    case 'running':
      return running(change, now);
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

function approve(kind: AnyKind, change: Change, event: Of<'approve'>, now: Date): Decided {
  const { state } = change;
  if (state.kind !== 'waiting') return tooLate(change);
  const gate = change.gates[state.gate] as Gate;
  if (hasExpired(change, state, now)) return refuse('expired');
  if (event.hash !== openHash(kind, change)) return refuse('another-plan');
  if (state.wish !== null) return refuse('being-ended');
  if (sameActor(event.by, change.requester) && !change.breakGlass) return refuse('own-change');
  if (valid(kind, change).some(({ by }) => sameActor(by, event.by))) return refuse('approved-already');
  if (gate.needs.outside && event.signature === null) return refuse('needs-outside');
  const narrowed = event.narrowed === undefined ? change : narrow(kind, change, event.narrowed);
  const hash = narrowed && openHash(kind, narrowed);
  if (hash === undefined) return refuse('widened');
  const { by, userGroups, signature } = event;
  const approval: Approval = { by, at: now, hash, signature, userGroups };
  // What others approved was another text, once this one has less in it.
  const approvals = [...gate.approvals.filter((each) => each.hash === hash), approval];
  const next = withGate(narrowed as Change, state.gate, { approvals });
  if (approvals.length < gate.needs.approvals) return moved(next, {});
  return moved(next, {
    state: { kind: 'queued', at: now, gate: state.gate, reverts: state.reverts, holder: null, away: null },
  });
}

/** The change with less in it; undefined when it would do more than what was asked for, or nothing. */
export function narrow(kind: AnyKind, change: Change, { parts, revertMinutes }: Narrowed): Change | undefined {
  const shorter = Number.isInteger(revertMinutes) && revertMinutes >= 1 && revertMinutes <= change.revertMinutes;
  // What was kept is taken back whole, by the host's own journal.
  const may = shorter && isProposal(change) && change.reverts === null;
  const plan = may ? kind.narrow(change.plan, parts) : undefined;
  return plan && { ...change, plan, revertMinutes };
}

/** Those of the open gate that are for what it says now. */
function valid(kind: AnyKind, change: Change): readonly Approval[] {
  const hash = openHash(kind, change);
  return gateOf(change)?.approvals.filter((each) => each.hash === hash) ?? [];
}

/** What is approved may wait for its host for a day. */
function whilePending(change: Change, now: Date, end: End): Decided {
  const { state } = change;
  if (!isPending(change)) return tooLate(change);
  const isLate = state.kind === 'waiting' && hasExpired(change, state, now);
  return isLate ? refuse('expired') : ended(change, now, end);
}

type Open = { readonly gate: number };

function hasExpired({ gates }: Change, { gate }: Open, now: Date): boolean {
  const until = gates[gate]?.expiresAt;
  return until != null && now >= until;
}

/** A trial that nobody decides on is the host's to end. */
function expire(kind: AnyKind, change: Change, now: Date): Decided {
  const { state } = change;
  if (!isPending(change)) return tooLate(change);
  const isLate = state.kind === 'queued' ? hasWaited(kind, change, now) : hasExpired(change, state as Open, now);
  return isLate ? ended(change, now, { how: 'expired' }) : refuse('not-yet');
}

/** What was approved has waited for its host as long as it may. */
function hasWaited(kind: AnyKind, change: Change, now: Date): boolean {
  const until = waitsUntil(kind, change);
  return until !== null && now >= until;
}

/** An approval is for now, not for whenever a worker comes back. */
function start(kind: AnyKind, change: Change, now: Date): Decided {
  const { state, breakGlass } = change;
  if (state.kind !== 'queued') return tooLate(change);
  const { gate, reverts } = state;
  if (hasWaited(kind, change, now)) return refuse('expired');
  const needed = breakGlass ? 1 : (change.gates[gate]?.needs.approvals ?? 1);
  if (valid(kind, change).length < needed) return refuse('another-plan');
  return moved(change, { state: { kind: 'working', at: now, gate, reverts, wish: null, running: false } });
}

function wait(change: Change, { holder, away }: Of<'wait'>): Decided {
  const { state } = change;
  if (state.kind !== 'queued') return tooLate(change);
  const isNews = state.holder !== holder || state.away !== away;
  return isNews ? moved(change, { state: { ...state, holder, away } }) : refuse('decided');
}

/** Its approvals are for this work still, as long as it may wait for its host. Where somebody wants it ended, it has ended. */
function requeue(kind: AnyKind, change: Change, { seen, away }: Of<'requeue'>, now: Date): Decided {
  const { state } = change;
  if (seen !== change.revision || (state.kind !== 'working' && state.kind !== 'unclear')) return tooLate(change);
  const onTrial = state.kind === 'working' && state.reverts !== null;
  if (onTrial || hasWaited(kind, change, now)) return refuse('expired');
  const { gate, wish: wished } = state;
  if (wished !== null) return ended(change, now, { how: 'failed', failure: { code: 'cancelled', detail: '' } });
  return moved(change, { state: { kind: 'queued', at: now, gate, reverts: null, holder: null, away } });
}

function done(kind: AnyKind, change: Change, event: Of<'done'>, now: Date): Decided {
  const { state, gates } = change;
  const at = gates.findIndex(({ name }) => name === event.gate);
  if (at < 0 || state.kind === 'ended') return tooLate(change);
  if (at === state.gate - 1) return stillOnTrial(change, event, now);
  const asked = state.kind === 'working' || state.kind === 'unclear';
  // What people did on the host itself, past a gate, is taken as it is; before the first gate there is nothing on the host.
  const byHand = at >= state.gate && (state.kind === 'unclear' || isOnTrial(change));
  if (!(asked && at === state.gate) && !byHand) return tooLate(change);
  return onward(kind, change, at, event, now);
}

function onward(kind: AnyKind, change: Change, at: number, event: Of<'done'>, now: Date): Decided {
  const { state } = change;
  const last = state.kind !== 'ended' && at === state.gate ? valid(kind, change).at(-1) : undefined;
  const { reverts, artefact, remarks, measured } = event;
  const proved: Change = measured ? { ...change, proofs: [...change.proofs, { at: now, ...measured }] } : change;
  if (change.gates[at + 1] === undefined) return ended(proved, now, { how: 'done', by: last?.by ?? null, remarks });
  const minutes = change.gates[at + 1]?.expiresMinutes ?? change.expiresMinutes;
  const expiresAt = reverts ?? new Date(now.getTime() + minutes * 60_000);
  const opened = withGate(proved, at + 1, { expiresAt, artefact, approvals: [] });
  const dropped = state.kind === 'unclear' ? state.wish : null;
  return moved(opened, { state: { kind: 'waiting', at: now, gate: at + 1, reverts, wish: null, dropped } });
}

/** The host goes on with its trial: what was asked of it was not done, or it is known again. */
function stillOnTrial(change: Change, { reverts, seen, why }: Of<'done'>, now: Date): Decided {
  const { state } = change;
  if (reverts === null) return tooLate(change);
  if (state.kind === 'unclear') {
    const dropped = state.wish ?? lastApproved(change, state.gate);
    const back = withGate(change, state.gate, { expiresAt: reverts, approvals: [] });
    return moved(back, { state: { kind: 'waiting', at: now, gate: state.gate, reverts, wish: null, dropped } });
  }
  return drop(change, { kind: 'drop', seen, ...(why !== undefined && { why }) }, now);
}

function drop(change: Change, { seen, why }: Of<'drop'>, now: Date): Decided {
  const { state } = change;
  // What the host said then says nothing of what was wanted since.
  if (seen !== change.revision || state.kind === 'ended' || state.kind === 'unclear') return tooLate(change);
  if (state.reverts === null) return tooLate(change);
  const { gate, reverts } = state;
  const what = state.kind === 'waiting' ? state.wish : lastApproved(change, gate);
  if (what === null) return tooLate(change);
  const dropped: Dropped = { ...what, ...(why !== undefined && { why }) };
  if (state.kind === 'waiting') return moved(change, { state: { ...state, wish: null, dropped } });
  const back = withGate(change, gate, { approvals: [] });
  return moved(back, { state: { kind: 'waiting', at: now, gate, reverts, wish: null, dropped } });
}

function lastApproved({ gates }: Change, gate: number): Dropped | null {
  const { name = '', approvals = [] } = gates[gate] ?? {};
  const last = approvals.at(-1);
  return last === undefined ? null : { what: name, by: last.by, at: last.at };
}

function undone(change: Change, { why, remarks }: Of<'undone'>, now: Date): Decided {
  const { state } = change;
  if (state.kind === 'ended') return tooLate(change);
  if ((state.kind === 'waiting' || state.kind === 'queued') && state.reverts === null) return tooLate(change);
  const asked = 'wish' in state && state.wish?.what === 'revert' ? state.wish.by : null;
  return ended(change, now, { how: 'undone', by: why === 'person' ? asked : null, why, remarks });
}

/** On trial something is changed: that does not end because more could not be done. */
function fail(change: Change, { failure, stage }: Of<'fail'>, now: Date): Decided {
  const { state } = change;
  // Another worker has begun meanwhile, and its order may be on its way.
  if (stage !== stageOf(change)) return tooLate(change);
  const may =
    state.kind === 'unclear' || ((state.kind === 'queued' || state.kind === 'working') && state.reverts === null);
  return may ? ended(change, now, { how: 'failed', failure }) : tooLate(change);
}

/** What was wanted may have been done all the same. */
function lose(change: Change, { why }: Of<'lose'>, now: Date): Decided {
  const { state } = change;
  const open = state.kind === 'working' || ((state.kind === 'waiting' || state.kind === 'queued') && state.reverts);
  if (!open) return tooLate(change);
  const wished = 'wish' in state ? state.wish : null;
  const began = state.kind !== 'working' || state.gate > 0;
  return moved(change, { state: { kind: 'unclear', at: now, gate: state.gate, why, wish: wished, began } });
}

function wish(change: Change, { what, by, until }: Of<'wish'>, now: Date): Decided {
  const { state } = change;
  const may = what === 'cancel' ? state.kind === 'working' : state.kind === 'waiting' && state.reverts !== null;
  if (!may || (state.kind !== 'waiting' && state.kind !== 'working')) return tooLate(change);
  if (state.wish !== null) return refuse('being-ended');
  // It has been prolonged meanwhile: once more may be more than the policy allows.
  if (until !== undefined && until.getTime() !== state.reverts?.getTime()) return refuse('decided');
  return moved(change, { state: { ...state, wish: { what, by, at: now } } });
}

/** Approvals of the open gate were for the moment of before. */
function extended(change: Change, event: Of<'extended'>, now: Date): Decided {
  const { state } = change;
  if (state.kind === 'ended' || state.kind === 'working') return tooLate(change);
  if (state.kind !== 'unclear' && state.reverts === null) return tooLate(change);
  const wished = state.kind === 'queued' ? null : state.wish;
  const isLate = wished?.at.getTime() !== event.asked?.at.getTime();
  if (isLate && !isLonger(state, event)) return tooLate(change);
  const { gate, at } = state.kind === 'unclear' ? { ...state, at: now } : state;
  const { reverts } = event;
  const next = withGate(change, gate, { expiresAt: reverts, approvals: [] });
  const wish = isLate ? wished : null;
  const dropped = state.kind === 'queued' ? lastApproved(change, gate) : null;
  return moved(next, { state: { kind: 'waiting', at, gate, reverts, wish, dropped } });
}

/** What comes late, for a press of before, may say more of the host's own deadline than is known, and never less. */
function isLonger(state: ChangeState, { reverts }: Of<'extended'>): boolean {
  return 'reverts' in state && state.reverts !== null && reverts > state.reverts;
}

function running(change: Change, now: Date): Decided {
  const { state } = change;
  const isNews = state.kind === 'unclear' || (state.kind === 'working' && !state.running);
  if (!isNews) return tooLate(change);
  const { gate, wish: wished } = state;
  const reverts = state.kind === 'working' ? state.reverts : null;
  return moved(change, { state: { kind: 'working', at: now, gate, reverts, wish: wished, running: true } });
}

function proved(change: Change, { proof }: Of<'proved'>): Decided {
  const { state } = change;
  const changed =
    state.kind === 'ended' ? state.end.how === 'done' : state.kind !== 'unclear' && state.reverts !== null;
  return changed ? moved(change, { proofs: [...change.proofs, proof] }) : tooLate(change);
}

function abandon(change: Change, { by }: Of<'abandon'>, now: Date): Decided {
  const { state } = change;
  if (state.kind !== 'unclear') return tooLate(change);
  return ended(change, now, { how: 'abandoned', by, why: state.why });
}

function review(change: Change, { by }: Of<'review'>, now: Date): Decided {
  if (change.review === null) return refuse('over');
  if (change.review.done !== null) return refuse('decided');
  if (isBeginning(change)) return refuse('not-yet');
  if (sameActor(by, change.requester)) return refuse('own-change');
  return moved(change, { review: { ...change.review, done: { by, at: now } } });
}

/** Approved, and nothing to look at yet. */
export function isBeginning({ state }: Pick<Change, 'state'>): boolean {
  return (state.kind === 'queued' || state.kind === 'working') && state.gate === 0;
}

function remind(change: Change): Decided {
  if (change.review === null || change.review.done !== null) return refuse('over');
  return moved(change, { review: { ...change.review, reminders: change.review.reminders + 1 } });
}

function withGate(change: Change, index: number, fields: Partial<Gate>): Change {
  return { ...change, gates: change.gates.map((gate, at) => (at === index ? { ...gate, ...fields } : gate)) };
}

function ended(change: Change, at: Date, end: End): Decided {
  return moved(change, { state: { kind: 'ended', at, end } });
}

function moved(change: Change, fields: Partial<Change>): Decided {
  return { kind: 'moved', change: { ...change, ...fields, revision: change.revision + 1 } };
}

function refuse(why: ChangeRefusal): Decided {
  return { kind: 'refused', why };
}

/** What its state says to somebody who comes too late, or too early. */
function tooLate({ state }: { readonly state: State<ChangeState['kind']> }): Decided {
  if (state.kind === 'waiting' && state.reverts === null) return refuse('not-yet');
  if (state.kind !== 'ended') return refuse('decided');
  const { how } = state.end;
  return refuse(how === 'denied' || how === 'withdrawn' || how === 'expired' || how === 'superseded' ? how : 'over');
}
