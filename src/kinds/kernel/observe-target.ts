/** What the helper on a target says of a kernel: installed, booted on trial, kept, or gone. Pure. */
import { type Deed, extendToken, type Observation } from '#change/kind.ts';
import type { Change, Remark, RevertReason } from '#domain/change.ts';
import { failureOf, failureText } from '#domain/change-failure.ts';
import { isOrder } from '../unanswered.ts';
import type { KernelAnswer, KernelState } from './helper-answer.ts';
import { measuredOf, newlyFailed } from './measured.ts';
import type { KernelPlan } from './plan.ts';

type Asked = Change<KernelPlan>;

export function observeTarget(change: Asked, deed: Deed, answer: KernelAnswer, now: Date): Observation {
  const { state, refused } = answer;
  if (state === null) return silent(deed, refused);
  const progress = PROGRESS[state.name];
  if (progress !== undefined) return { kind: 'running', progress: [progress, ...state.words.slice(0, 1)].join(' ') };
  return change.reverts === null ? forward(change, deed, answer, now) : back(answer);
}

/** By the state of work that goes on by itself. */
const PROGRESS: { readonly [S in KernelState]?: string } = Object.assign(Object.create(null), {
  installing: 'install',
  booting: 'boot',
  verifying: 'verify',
  keeping: 'keep',
  reverting: 'revert',
});

/** It names no state where it refused before it looked at one: nothing was done. */
function silent(deed: Deed, refused: KernelAnswer['refused']): Observation {
  const failure = failureOf(refused?.join(' ') ?? 'no-state');
  return isOrder(deed) && refused !== null
    ? { kind: 'refused', failure }
    : { kind: 'unclear', why: failureText(failure), isWord: false };
}

function forward(change: Asked, deed: Deed, answer: KernelAnswer, now: Date): Observation {
  const [name, words] = [answer.state?.name ?? 'none', answer.state?.words ?? []];
  switch (name) {
    case 'none':
      return isPast(change, 'install') ? word('journal-gone') : notBegun(deed, answer);
    case 'installed':
      return installed(change, deed, answer);
    case 'trial':
      return onTrial(change, answer, now);
    case 'kept':
      return isPast(change, 'boot') ? done(change, 'keep', null) : word('state kept');
    case 'reverted':
      return { kind: 'undone', why: REASONS[words[0] ?? ''] ?? 'failed', remarks: [] };
    case 'fell-back':
      return { kind: 'undone', why: 'fell-back', remarks: fellBack(answer, words) };
    case 'failed':
      return failed(words);
    default:
      return word(`state ${name}`);
  }
}

const REASONS: Readonly<Record<string, RevertReason>> = Object.assign(Object.create(null), {
  person: 'person',
  superseded: 'person',
  deadline: 'timer',
  reboot: 'reboot',
  interrupted: 'interrupted',
});

/** An order to which the host says that nothing has begun was called off before. */
function notBegun(deed: Deed, { refused }: KernelAnswer): Observation {
  if (deed === 'cancel' || deed === 'revert') return { kind: 'undone', why: 'person', remarks: [] };
  if (!isOrder(deed)) return { kind: 'not-begun' };
  return { kind: 'refused', failure: failureOf(refused?.join(' ') ?? 'never-begun') };
}

/** Beside the running kernel; not booted. The order to boot may have been refused, or was never given. */
function installed(change: Asked, deed: Deed, answer: KernelAnswer): Observation {
  if (!isPast(change, 'install')) return done(change, 'install', null);
  return isPast(change, 'boot') ? word('state installed') : notBegun(deed, answer);
}

/** Measured by the host itself, which lets no kernel get so far that it did not expect; said again all the same. */
function onTrial(change: Asked, answer: KernelAnswer, now: Date): Observation {
  const { secondsLeft, release, running, extended, refused } = answer;
  if (secondsLeft === null || !isPast(change, 'install')) return word('state trial');
  if (release === null || release !== running) return word(`running ${running ?? '?'}`);
  const reverts = new Date(now.getTime() + secondsLeft * 1000);
  const token = extendToken(change);
  if (token !== '' && extended.includes(token)) return { kind: 'extended', reverts };
  const measured = measuredOf(answer, change.plan.seconds);
  return { ...done(change, 'boot', reverts), ...(refused !== null && { why: refused.join(' ') }), measured };
}

/** Why the host went back to the old kernel by itself. */
function fellBack(answer: KernelAnswer, [why = '', ...words]: readonly string[]): readonly Remark[] {
  const key = answer.release ?? '?';
  const value = words.join(' ');
  switch (why) {
    case 'not-booted':
      return [{ what: 'not-booted', key, value: value || (answer.running ?? '?') }];
    case 'time-wait':
      return [{ what: 'other-length', key, value }];
    case 'not-measured':
      return [{ what: 'not-measured', key, value }];
    case 'reboot':
      return [{ what: 'booted-again', key, value }];
    case 'services':
      return newlyFailed(answer, words).map((unit) => ({ what: 'service-failed', key: unit, value: key }));
    default:
      return [];
  }
}

/** What the helper could not take away again is still there. */
const LEFT: readonly string[] = ['stuck', 'remove'];

function failed([code = 'unknown', ...words]: readonly string[]): Observation {
  if (code === 'cancelled') return { kind: 'undone', why: 'person', remarks: [] };
  const failure = { code: `target-${code}`, detail: words.join(' ') };
  return LEFT.includes(code) ? word(failureText(failure)) : { kind: 'refused', failure };
}

/** Of what was kept. The order is given again each time it is asked how that stands. */
function back({ state, refused }: KernelAnswer): Observation {
  switch (state?.name) {
    case 'reverted':
    case 'fell-back':
      return { kind: 'done', gate: 'rollback', reverts: null, artefact: null, remarks: [] };
    case 'kept':
      return { kind: 'refused', failure: failureOf(refused?.join(' ') ?? 'not-reverted') };
    case 'failed':
      return word(failureText({ code: `target-${state.words[0] ?? ''}`, detail: state.words.slice(1).join(' ') }));
    default:
      return word(state?.name === 'none' ? 'journal-gone' : `state ${state?.name ?? '?'}`);
  }
}

function done({ gates }: Asked, gate: string, reverts: Date | null): Extract<Observation, { kind: 'done' }> {
  const artefact = gates.findLast((each) => each.artefact !== null)?.artefact ?? null;
  return { kind: 'done', gate, reverts, artefact, remarks: [] };
}

/** Whether this gate's work is over: its host has said so. */
function isPast(change: Asked, name: string): boolean {
  const { state, gates } = change;
  return state.kind === 'ended' || state.gate > gates.findIndex((gate) => gate.name === name);
}

/** The host itself says what cannot be. */
function word(why: string): Observation {
  return { kind: 'unclear', why, isWord: true };
}
