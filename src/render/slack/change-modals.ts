/** The modals of changes: propose a fix, deny one, approve less of one. */
import type { KnownBlock, ModalView, PlainTextOption } from '@slack/web-api';
import type { Change } from '#domain/change.ts';
import type { Unready } from '#domain/helper-state.ts';
import type { Plan, Step } from '#domain/plan.ts';
import { cardOf } from '#render/kind-card.ts';
import { unreadySentence } from '#render/unready-sentence.ts';
import { fill } from '#render/words.ts';
import { clip, type SlackVoice } from './message.ts';
import { bold, bullets, code, line, type Piece, plain, rich } from './rich.ts';

export const PROPOSE_MODAL = 'propose-change';
export const DENY_MODAL = 'deny-change';
export const NARROW_MODAL = 'narrow-change';

const MINUTES = [1, 2, 5, 10, 15, 20, 30] as const;
const LONGEST = 1200;
const MOST_REASON = 500;

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
  return {
    type: 'modal',
    callback_id: PROPOSE_MODAL,
    private_metadata: metadata,
    title: label(modal.title),
    ...(unready === null ? { submit: label(modal.submit) } : {}),
    close: label(modal.close),
    blocks: [
      ...(unready === null ? [] : [rich(line(bold(unreadySentence(unready, plan.host, voice.change))))]),
      rich(line(bold(`${plan.host}: ${title}`)), ...effects.map((text) => line(say(text)))),
      rich(bullets(plan.steps.flatMap((step) => stepItems(step, voice)))),
      ...(also.length === 0 ? [] : [rich(line(bold(voice.change.card.also)), bullets(also.map(say)))]),
      rich(line(plain(modal.undo))),
      ...(unready === null ? inputs(shown, voice) : []),
    ],
  };
}

function inputs(shown: ProposeModal, voice: SlackVoice): readonly KnownBlock[] {
  return [
    minutesInput(shown.revertMinutes, shown.longestMinutes, voice),
    textInput('reason', voice.change.modal.reason, !shown.reasonRequired),
    ...whoBlocks(shown.breakGlass, voice),
  ];
}

/** Live, each file that sets it, and what ours will say. */
function stepItems({ key, from, to, scope, files }: Step, voice: SlackVoice): readonly (readonly Piece[])[] {
  const { modal, card } = voice.change;
  const shown = (value: string) => (value === '' ? '""' : value);
  const live = fill(modal.step, { from: shown(from), to: shown(to) });
  const said = files.map(({ file, line: number, value }) => fill(modal.file, { file, line: number, value }));
  const about = [...(said.length === 0 ? [modal.noFile] : said), fill(modal.keeps, { to: `${key} = ${to}` })];
  const where = scope === 'host' ? card.hostWide : '';
  return [[...code(key), ...plain(`${where}  ${[live, ...about].join(' ')}`)]];
}

export function denyModal(metadata: string, { change: { modal } }: SlackVoice): ModalView {
  return {
    type: 'modal',
    callback_id: DENY_MODAL,
    private_metadata: metadata,
    title: label(modal.denyTitle),
    submit: label(modal.denySubmit),
    close: label(modal.close),
    blocks: [textInput('reason', modal.denyReason, false)],
  };
}

/** Fewer steps, each with all that it needs, or less time; the form has nothing that adds. */
export function narrowModal(change: Change, metadata: string, voice: SlackVoice): ModalView {
  const { modal } = voice.change;
  const { steps: all, parts } = cardOf(change, voice.kinds).plan(change.plan);
  const whole: PlainTextOption = { text: label(`1–${all.length}`), value: EVERY_STEP };
  const options = parts.map(
    ({ label: text }, index): PlainTextOption => ({
      text: label(text.length > 75 ? `${text.slice(0, 74)}…` : text),
      value: String(index),
    }),
  );
  const steps: KnownBlock = {
    type: 'input',
    block_id: 'steps',
    label: label(modal.narrowSteps),
    element: {
      type: 'static_select',
      action_id: 'steps',
      options: [whole, ...options],
      initial_option: whole,
    },
  };
  return {
    type: 'modal',
    callback_id: NARROW_MODAL,
    private_metadata: metadata,
    title: label(modal.narrowTitle),
    submit: label(modal.narrowSubmit),
    close: label(modal.close),
    blocks: [...(options.length > 0 ? [steps] : []), minutesInput(change.revertMinutes, change.revertMinutes, voice)],
  };
}

export const EVERY_STEP = '*';

function minutesInput(usual: number, longest: number, { change: { modal } }: SlackVoice): KnownBlock {
  const offered = [...new Set([...MINUTES.filter((minutes) => minutes <= longest), usual])].toSorted((a, b) => a - b);
  const option = (minutes: number): PlainTextOption => ({
    text: label(fill(modal.minutesOption, { n: minutes })),
    value: String(minutes),
  });
  return {
    type: 'input',
    block_id: 'minutes',
    label: label(modal.minutes),
    element: {
      type: 'static_select',
      action_id: 'minutes',
      options: offered.map(option),
      initial_option: option(usual),
    },
  };
}

function whoBlocks(breakGlass: ProposeModal['breakGlass'], voice: SlackVoice): readonly KnownBlock[] {
  if (breakGlass === 'offered') return [whoInput(voice)];
  if (breakGlass === 'none') return [];
  const { modal } = voice.change;
  const why = breakGlass === 'not-checked' ? modal.aloneNotChecked : modal.aloneOutside;
  return [{ type: 'context', elements: [label(why)] }];
}

function whoInput({ change: { modal } }: SlackVoice): KnownBlock {
  const option = (value: string, text: string): PlainTextOption => ({ text: label(text.slice(0, 75)), value });
  const second = option('second', modal.second);
  return {
    type: 'input',
    block_id: 'who',
    label: label(modal.who),
    element: {
      type: 'static_select',
      action_id: 'who',
      options: [second, option('alone', modal.alone)],
      initial_option: second,
    },
  };
}

function textInput(block: string, text: string, optional: boolean): KnownBlock {
  return {
    type: 'input',
    block_id: block,
    optional,
    label: label(text),
    element: { type: 'plain_text_input', action_id: block, multiline: true, max_length: MOST_REASON },
  };
}

function label(text: string) {
  return { type: 'plain_text' as const, text };
}
