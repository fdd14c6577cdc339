/** The modals of changes: propose a fix, deny one, approve less of one. */
import type { KnownBlock, ModalView } from '@slack/web-api';
import { type Change, LONGEST_REASON } from '#domain/change.ts';
import type { Unready } from '#domain/helper-state.ts';
import type { Plan, Step } from '#domain/plan.ts';
import { cardOf } from '#render/kind-card.ts';
import { stepSentences } from '#render/step-sentences.ts';
import { unreadySentence } from '#render/unready-sentence.ts';
import { joinSentences } from '#render/wording.ts';
import { fill } from '#render/words.ts';
import { form, label, option, select } from './elements.ts';
import { clip, type SlackVoice } from './message.ts';
import { bold, bullets, code, line, type Piece, plain, rich } from './rich.ts';

export const PROPOSE_MODAL = 'propose-change';
export const DENY_MODAL = 'deny-change';
export const NARROW_MODAL = 'narrow-change';

const MINUTES = [1, 2, 5, 10, 15, 20, 30] as const;
const LONGEST = 1200;

export interface ProposeModal {
  readonly kind: string;
  readonly plan: Plan;
  readonly revertMinutes: number;
  readonly longestMinutes: number;
  readonly reasonRequired: boolean;
  /** Whether this person may apply it alone; if that is out of the question here, why. */
  readonly breakGlass: 'offered' | 'none' | 'break-glass-outside' | 'not-checked';
  /** Why the host would not take it: there is nothing to submit then. */
  readonly unready: Unready | null;
  /** Opaque; comes back with the submission. */
  readonly metadata: string;
}

export function proposeModal(shown: ProposeModal, voice: SlackVoice): ModalView {
  const { plan, kind, metadata, unready } = shown;
  const { modal } = voice.change;
  const { title, effects, also } = cardOf({ kind }, voice.kinds).plan(plan);
  const say = (text: string) => plain(clip(text, LONGEST, voice));
  const submit = unready === null ? modal.submit : undefined;
  return form(PROPOSE_MODAL, metadata, { title: modal.title, submit, close: modal.close }, [
    ...(unready === null ? [] : [rich(line(bold(unreadySentence(unready, plan.host, voice.change))))]),
    rich(line(bold(`${plan.host}: ${title}`)), ...effects.map((text) => line(say(text)))),
    rich(bullets(plan.steps.map((step) => stepItem(step, voice)))),
    ...(also.length === 0 ? [] : [rich(line(bold(voice.change.card.also)), bullets(also.map(say)))]),
    rich(line(plain(modal.undo))),
    ...(unready === null ? inputs(shown, voice) : []),
  ]);
}

function inputs(shown: ProposeModal, voice: SlackVoice): readonly KnownBlock[] {
  return [
    minutesInput(shown.revertMinutes, shown.longestMinutes, voice),
    textInput('reason', voice.change.modal.reason, !shown.reasonRequired),
    ...whoBlocks(shown.breakGlass, voice),
  ];
}

function stepItem(step: Step, { change }: SlackVoice): readonly Piece[] {
  const where = step.scope === 'host' ? change.card.hostWide : '';
  return [...code(step.key), ...plain(`${where}  ${joinSentences(stepSentences(step, change))}`)];
}

export function denyModal(metadata: string, { change: { modal } }: SlackVoice): ModalView {
  const words = { title: modal.denyTitle, submit: modal.denySubmit, close: modal.close };
  return form(DENY_MODAL, metadata, words, [textInput('reason', modal.denyReason, false)]);
}

/** Fewer steps, each with all that it needs, or less time; the form has nothing that adds. */
export function narrowModal(change: Change, metadata: string, voice: SlackVoice): ModalView {
  const { modal } = voice.change;
  const { steps, parts } = cardOf(change, voice.kinds).plan(change.plan);
  const whole = option(`1–${steps.length}`, EVERY_STEP);
  const less = parts.map(({ label: text }, index) =>
    option(text.length > 75 ? `${text.slice(0, 74)}…` : text, String(index)),
  );
  const words = { title: modal.narrowTitle, submit: modal.narrowSubmit, close: modal.close };
  return form(NARROW_MODAL, metadata, words, [
    ...(less.length > 0 ? [select('steps', modal.narrowSteps, [whole, ...less], whole)] : []),
    minutesInput(change.revertMinutes, change.revertMinutes, voice),
  ]);
}

export const EVERY_STEP = '*';

function minutesInput(usual: number, longest: number, { change: { modal } }: SlackVoice): KnownBlock {
  const offered = [...new Set([...MINUTES.filter((minutes) => minutes <= longest), usual])].toSorted((a, b) => a - b);
  const choice = (minutes: number) => option(fill(modal.minutesOption, { n: minutes }), String(minutes));
  return select('minutes', modal.minutes, offered.map(choice), choice(usual));
}

function whoBlocks(breakGlass: ProposeModal['breakGlass'], voice: SlackVoice): readonly KnownBlock[] {
  if (breakGlass === 'offered') return [whoInput(voice)];
  if (breakGlass === 'none') return [];
  const { modal } = voice.change;
  const why = breakGlass === 'not-checked' ? modal.aloneNotChecked : modal.aloneOutside;
  return [{ type: 'context', elements: [label(why)] }];
}

function whoInput({ change: { modal } }: SlackVoice): KnownBlock {
  const [second, alone] = [option(modal.second.slice(0, 75), 'second'), option(modal.alone.slice(0, 75), 'alone')];
  return select('who', modal.who, [second, alone], second);
}

function textInput(block: string, text: string, optional: boolean): KnownBlock {
  return {
    type: 'input',
    block_id: block,
    optional,
    label: label(text),
    element: { type: 'plain_text_input', action_id: block, multiline: true, max_length: LONGEST_REASON },
  };
}
