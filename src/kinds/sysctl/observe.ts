/** What a helper's answer says of a change. Pure; a host may say anything. */
import { type Deed, extendToken, type Observation } from '#change/kind.ts';
import type { Change, Remark, RevertReason } from '#domain/change.ts';
import { type ChangeFailure, failureOf, failureText } from '#domain/change-failure.ts';
import type { CommandResult } from '#domain/command.ts';
import type { Plan } from '#domain/plan.ts';
import { isOrder, unanswered } from '../unanswered.ts';
import { type HelperAnswer, readHelperAnswer } from './helper-answer.ts';

type Asked = Change<Plan>;

export function observe(change: Asked, deed: Deed, result: CommandResult, word: string, now: Date): Observation {
  const answer = readHelperAnswer(result.stdout, word);
  if (answer === undefined || result.kind !== 'exited') return unanswered(deed, result);
  switch (answer.state) {
    case null:
      return silent(change, deed, answer);
    case 'on-trial':
      return onTrial(change, answer, now);
    case 'kept':
      return kept(change, answer);
    case 'reverted':
      return reverted(change, answer);
    case 'undo-failed':
      return unclear([...ofPlan(answer.stuck, change)].flat().join(' ') || 'undo-failed', true);
    case 'none':
      return hasBegun(change) ? unclear('journal-gone', true) : refused({ code: 'never-begun', detail: '' });
    default:
      return unclear(`state ${answer.state}`);
  }
}

/** It names no state where it refused before it looked at one: nothing was done. */
function silent(change: Asked, deed: Deed, { refused: words, failed }: HelperAnswer): Observation {
  if (words === null) return unclear(failed?.join(' ') ?? '');
  const failure = failureOf(words.join(' '));
  if (failure.code === 'unknown' && hasBegun(change)) return unclear('journal-gone', true);
  return isOrder(deed) ? refused(failure) : unclear(failureText(failure));
}

function onTrial(change: Asked, answer: HelperAnswer, now: Date): Observation {
  const { plan } = change;
  // What is on trial was never kept, and is not there to be taken back.
  if (change.reverts !== null) return unclear('state on-trial');
  const left = /^(\d{1,4})(?: |$)/.exec(answer.detail)?.[1];
  if (left === undefined) return unclear('state on-trial');
  const reverts = new Date(now.getTime() + Number(left) * 1000);
  const token = extendToken(change);
  if (token !== '' && answer.extended.includes(token)) return { kind: 'extended', reverts };
  // Applied is what was read back, and nothing else. Of a trial that is known, somebody else may have changed a value.
  const differs = plan.steps.find(({ key, to }) => answer.values.get(key) !== to);
  if (differs !== undefined && !hasBegun(change))
    return unclear(`${differs.key} ${answer.values.get(differs.key) ?? '?'}`);
  const why = answer.refused?.join(' ');
  return done('apply', reverts, [], why);
}

function kept(change: Asked, answer: HelperAnswer): Observation {
  if (change.reverts !== null) return refused(failureOf(answer.refused?.join(' ') ?? 'not-reverted'));
  return isApplying(change) ? unclear('state kept') : done('keep', null, remarksOf(answer, change));
}

/** The host went back by itself, or as it was told; or never got as far as a trial. */
function reverted(change: Asked, answer: HelperAnswer): Observation {
  const remarks = remarksOf(answer, change);
  if (change.reverts !== null) return done('revert', null, remarks);
  if (isApplying(change) && answer.failed !== null) return refused(failureOf(answer.failed.join(' ')));
  const [word = ''] = answer.detail.split(' ');
  return { kind: 'undone', why: REASONS[word.replace(/:$/, '')] ?? 'failed', remarks };
}

const REASONS: Readonly<Record<string, RevertReason>> = {
  person: 'person',
  again: 'person',
  timer: 'timer',
  reboot: 'reboot',
  interrupted: 'interrupted',
};

function isApplying({ state }: Asked): boolean {
  return state.kind === 'working' && state.gate === 0;
}

/** It had told us of a trial: whatever it has forgotten, that is not the same as never begun. */
function hasBegun({ state, reverts }: Asked): boolean {
  if (reverts !== null) return true;
  return state.kind === 'unclear'
    ? state.began
    : state.kind !== 'ended' && (state.gate > 0 || state.kind === 'waiting');
}

/** What it says of other keys than the plan's concerns nobody. */
function ofPlan(said: ReadonlyMap<string, string>, { plan }: Asked): ReadonlyMap<string, string> {
  return new Map([...said].filter(([key]) => plan.steps.some((step) => step.key === key)));
}

function remarksOf(answer: HelperAnswer, change: Asked): readonly Remark[] {
  const { shadowed, conflicts, foreign, foreignLines, superseded } = answer;
  const own = new Map([...conflicts].filter(([key]) => !superseded.has(key)));
  const all = { shadowed, conflict: own, foreign, 'foreign-line': foreignLines, superseded } as const;
  return Object.entries(all).flatMap(([what, said]) =>
    [...ofPlan(said, change)].map(([key, value]) => ({ what: what as Remark['what'], key, value })),
  );
}

function done(gate: string, reverts: Date | null, remarks: readonly Remark[], why?: string): Observation {
  return { kind: 'done', gate, reverts, artefact: null, remarks, ...(why !== undefined && { why }) };
}

function refused(failure: ChangeFailure): Observation {
  return { kind: 'refused', failure };
}

function unclear(why: string, isWord = false): Observation {
  return { kind: 'unclear', why, isWord };
}
